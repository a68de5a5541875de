// What the components that read and write files count in common.

import { defineGauge } from '../telemetry/telemetry.ts';

export const openFiles = defineGauge({ name: 'open_files', doc: 'Files that are open.' });
