// Where credentials for AWS come from, as options of a component.

import { type ConfigOf, object, string, uint } from '../../schema/schema.ts';

/** Members that say where credentials come from. None of them: the environment, files, the container, the machine. */
export function awsCredentialFields() {
  return {
    access_key_id: string('The access key.', { optional: true, examples: ['AKIAIOSFODNN7EXAMPLE'] }),
    secret_access_key: string('The secret that belongs to the access key.', {
      optional: true,
      sensitive: true,
      examples: ['${AWS_SECRET_ACCESS_KEY}'],
    }),
    session_token: string('The token of a session that the access key belongs to.', {
      optional: true,
      sensitive: true,
      examples: ['${AWS_SESSION_TOKEN}'],
    }),
    credentials_file: string('A file of credentials, with a section for each profile.', {
      optional: true,
      examples: ['/my/aws/credentials'],
    }),
    profile: string('The profile of `credentials_file` that is used.', { default: 'default', examples: ['develop'] }),
    assume_role: string(
      'The role to take on, by its ARN. The access key asks for it, and without one whatever credentials are found.',
      { optional: true, examples: ['arn:aws:iam::123456789098:role/my_role'] },
    ),
    external_id: string('The external id that the role asks for.', {
      optional: true,
      examples: ['randomEXAMPLEidString'],
    }),
    session_name: string('The name of the session in the role; without one it is made up.', {
      optional: true,
      examples: ['vector-indexer-role'],
    }),
    region: string(
      'The region of the service that is asked for the role, and of signatures where nothing else says it.',
      {
        optional: true,
        examples: ['us-west-2'],
      },
    ),
    load_timeout_secs: uint('How long finding credentials may take; 5 seconds unless it is given.', {
      optional: true,
      unit: 'seconds',
      examples: [30],
    }),
    imds: object(
      'How the metadata service of the machine is asked.',
      {
        connect_timeout_seconds: uint('How long connecting may take.', { default: 1, min: 1, unit: 'seconds' }),
        max_attempts: uint('How often it is asked at most.', { default: 4, min: 1 }),
        read_timeout_seconds: uint('How long its answer may take.', { default: 1, min: 1, unit: 'seconds' }),
      },
      {},
    ),
  };
}

export type AwsCredentialsConfig = ConfigOf<ReturnType<typeof awsCredentialFields>>;

/** What can be seen to be wrong only when the members are taken together. */
export function awsCredentialProblems(
  config: Partial<AwsCredentialsConfig>,
): readonly (readonly [readonly string[], string])[] {
  const { access_key_id: id, secret_access_key: secret, credentials_file: file, assume_role: role } = config;
  const found: (readonly [readonly string[], string])[] = [];
  if (id !== undefined && secret === undefined) found.push([['access_key_id'], 'needs `secret_access_key` beside it']);
  if (secret !== undefined && id === undefined) found.push([['secret_access_key'], 'needs `access_key_id` beside it']);
  if (file !== undefined && (id !== undefined || role !== undefined))
    found.push([['credentials_file'], 'stands for `access_key_id` and `assume_role`; give credentials in one place']);
  return found;
}

/** The option `aws`: the region of signatures. */
export function awsRegion() {
  return object(
    'The region of AWS, for `auth.strategy: aws`.',
    {
      endpoint: string('An endpoint that speaks as AWS does.', {
        optional: true,
        examples: ['http://127.0.0.0:5000/path/to/service'],
      }),
      region: string('The region that requests are signed for.', { optional: true, examples: ['us-east-1'] }),
    },
    { optional: true },
  );
}
