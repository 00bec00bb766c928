type Place = { readonly url: string; readonly bucket: string; readonly region: string }

const keys = 'see package_user and package_secret_file in docs/config.md'

const reasons: Readonly<Record<string, (place: Place, text: string) => string>> = {
  NoSuchBucket: ({ bucket }) => `there is no bucket "${bucket}"; make it, or correct package_s3_bucket`,
  NoSuchKey: () => 'the package is no longer there',
  InvalidAccessKeyId: () => `it does not know the access key; ${keys}`,
  SignatureDoesNotMatch: () => `the secret key is wrong; ${keys}`,
  AccessDenied: ({ bucket }) =>
    `the access key may not read, write and delete in the bucket "${bucket}"; give it that right, or ${keys}`,
  RequestTimeTooSkewed: () => 'the clock of this machine is wrong; set it, and keep it with a time service',
}

const fullCodes = /^(?:.*QuotaExceeded|.*StorageFull|.*InsufficientCapacity|.*Insufficient.*Storage|EntityTooLarge)$/
const regionCodes = ['AuthorizationHeaderMalformed', 'PermanentRedirect', 'TemporaryRedirect', 'InvalidRegion']

/** Of a refusal of S3, for whoever runs this machine. */
export function reasonOfAnswer(place: Place, status: number, text: string): string {
  const code = inXml(text, 'Code') ?? codeOf(status)
  if (fullCodes.test(code) || status === 507) return 'it is full; make room there, or raise its quota'
  if (regionCodes.includes(code)) return otherRegion(place, text)
  const message = inXml(text, 'Message') ?? `it answered ${status}`
  return reasons[code]?.(place, text) ?? `${code ? `${code}: ` : ''}${message}`.slice(0, 300)
}

/** Some answers have no body. */
const codeOf = (status: number) =>
  ({ 401: 'InvalidAccessKeyId', 403: 'AccessDenied', 404: 'NoSuchKey', 301: 'PermanentRedirect' })[status] ?? ''

function otherRegion({ region }: Place, text: string): string {
  const right = inXml(text, 'Region')
  return right && right !== region
    ? `the bucket is in the region ${right}; set package_s3_region: ${right}`
    : `the bucket is in another region than ${region}, or at another address; correct package_s3_region or package_s3_url`
}

/** Of what came instead of an answer. */
export function reasonOfFailure({ url }: Place, error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error
  const text = cause instanceof Error ? cause.message || String(cause) : String(cause)
  return `no answer from ${url}: ${text}`.slice(0, 300)
}

export const inXml = (text: string, name: string) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(text)?.[1]
