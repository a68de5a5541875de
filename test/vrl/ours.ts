// One case in our implementation, and the reply that says what became of it: what `sluice vrl --batch` does, with the
// functions that the original has as well. Paths in programs are relative to the repository, from where tests run.

import { replyTo } from '../../src/cli/vrl_batch.ts';
import { programFunctions } from '../../src/component/program_environment.ts';
import type { Case } from './generate.ts';
import type { Reply } from './reply.ts';

/** The functions of Vector that are no part of the language, and so not of the original that we compare with. */
const OF_VECTOR = /enrichment_table|vector_metric|_secret$|^set_semantic_meaning$|^parse_dnstap$/;

export const FUNCTIONS = programFunctions.filter(({ name }) => !OF_VECTOR.test(name));

export function oursReply(request: Case): Reply {
  return replyTo({ ...request }, FUNCTIONS) as unknown as Reply;
}
