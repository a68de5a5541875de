// The log of a container, as a soak writes it, for tests and benches.

export { ContainerLog, criLine } from '../cli/soak/container_log.ts';
