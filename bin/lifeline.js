// Loaded into a process that launch.js starts, before its script. When the launcher dies without saying so (kill -9),
// the channel between the two closes and everything in this process's group ends in the same way, so that nobody is
// left behind holding a port or a data directory.
if (process.env.SLUICE_LIFELINE !== undefined && process.channel) {
  // Meant for this process only, not for what it starts.
  delete process.env.SLUICE_LIFELINE;
  process.once('disconnect', () => process.kill(-process.pid, 'SIGKILL'));
  // Listening must not keep the process alive once its own work is done.
  process.channel.unref();
}
