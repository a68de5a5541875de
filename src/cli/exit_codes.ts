// Exit codes, as Vector's (from sysexits.h).

export const EXIT = {
  ok: 0,
  /** Of `soak` alone. */
  leaking: 1,
  undecided: 2,
  usage: 64,
  unavailable: 69,
  software: 70,
  cannotCreate: 73,
  ioError: 74,
  config: 78,
} as const;
