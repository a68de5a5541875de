// Why a request is refused, as the peer is told.

export class HttpRejection extends Error {
  override readonly name = 'HttpRejection';
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.headers = headers;
  }
}

export interface HttpReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** The rejection as Vector words it: `{"code":400,"message":"…"}`. */
export function rejectionReply({ status, message, headers }: HttpRejection): HttpReply {
  return {
    status,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ code: status, message }),
  };
}

/** An answer that is a line of text. */
export function textReply(status: number, body: string): HttpReply {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body };
}
