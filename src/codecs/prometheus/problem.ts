/** Why something is not Prometheus' format. */
export class FormatProblem extends Error {
  override readonly name = 'FormatProblem';
}
