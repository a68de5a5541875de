// Listens for HTTP requests and makes events of their bodies.

import { buildDecoder, DecodeError, type DecodingConfig } from '../../codecs/decoding/decoding.ts';
import { optionalDecoding } from '../../codecs/decoding/options.ts';
import { buildFrameDecoder, defaultFraming, delimiterOf, FramingError } from '../../codecs/framing/framing.ts';
import { framing } from '../../codecs/framing/options.ts';
import { sourceAcknowledgements } from '../../component/common_options.ts';
import type { SourceContext } from '../../component/context.ts';
import { defineSource, type Output, type Source } from '../../component/define.ts';
import { BodyInflater } from '../../component/http_body.ts';
import type { SourceField } from '../../component/source_fields.ts';
import { type Path, parsePath } from '../../event/path.ts';
import { formatListenAddress, listenAddress } from '../../net/address.ts';
import { keepalive } from '../../net/http/keepalive.ts';
import { type HttpReply, HttpRejection } from '../../net/http/rejection.ts';
import { HttpServer, type HttpServerRequest, type ServerErrorKind } from '../../net/http/server.ts';
import { authenticator, serverAuth } from '../../net/http/server_auth.ts';
import { tlsEnableable } from '../../net/tls/options.ts';
import { serverTls } from '../../net/tls/tls.ts';
import { array, bool, type ConfigOf, oneOf, ParseProblem, parsed, string, uint } from '../../schema/schema.ts';
