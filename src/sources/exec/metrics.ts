// What the `exec` source counts about commands.

import { defineCounter, defineHistogram } from '../../telemetry/telemetry.ts';

const labels = [
  { name: 'command', limit: 100 },
  { name: 'exit_status', limit: 100 },
] as const;

export const commandExecuted = defineCounter({
  name: 'command_executed_total',
  doc: 'Commands that ran to their end.',
  labels,
});

export const commandSeconds = defineHistogram({
  name: 'command_execution_duration_seconds',
  doc: 'How long commands ran.',
  labels,
});
