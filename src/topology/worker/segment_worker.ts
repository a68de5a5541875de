// What a worker thread runs: builds the components of segments from recipes, and serves.

import { parentPort, workerData } from 'node:worker_threads';
import { layoutOfRecipe } from '../../component/source_fields.ts';
import { Arena } from '../../engine/arena/arena.ts';
import type { WorkerData } from '../../engine/workers/messages.ts';
import { serve } from '../../engine/workers/serve.ts';
import { buildSegment } from './build_segment.ts';

const { arena, thread, telemetry } = workerData as WorkerData;

serve(parentPort!, Arena.attach(arena, thread), { segment: buildSegment, layout: layoutOfRecipe }, telemetry);
