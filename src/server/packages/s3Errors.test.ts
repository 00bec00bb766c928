import assert from 'node:assert/strict'
import { test } from 'node:test'
import { reasonOfAnswer, reasonOfFailure } from './s3Errors.ts'

const place = { url: 'https://s3.example.com', bucket: 'packages', region: 'us-east-1' }
const xml = (code: string, more = '') => `<Error><Code>${code}</Code><Message>Words</Message>${more}</Error>`

const told: readonly (readonly [status: number, body: string, reason: RegExp])[] = [
  [404, xml('NoSuchBucket'), /^there is no bucket "packages"; make it, or correct package_s3_bucket$/],
  [403, xml('InvalidAccessKeyId'), /^it does not know the access key; see package_user and package_secret_file/],
  [403, xml('SignatureDoesNotMatch'), /^the secret key is wrong; see/],
  [403, xml('AccessDenied'), /^the access key may not read, write and delete in the bucket "packages"/],
  [403, '', /^the access key may not read/],
  [404, '', /^the package is no longer there$/],
  [507, xml('XMinioStorageFull'), /^it is full/],
  [403, xml('QuotaExceeded'), /^it is full/],
  [403, xml('RequestTimeTooSkewed'), /^the clock of this machine is wrong/],
  [400, xml('AuthorizationHeaderMalformed', '<Region>eu-west-1</Region>'), /set package_s3_region: eu-west-1$/],
  [301, xml('PermanentRedirect'), /in another region than us-east-1, or at another address/],
  [400, xml('Strange'), /^Strange: Words$/],
  [502, '<html>Bad gateway</html>', /^it answered 502$/],
]

for (const [status, body, reason] of told) {
  test(`${status} ${body.slice(0, 50)} says what to do`, () =>
    assert.match(reasonOfAnswer(place, status, body), reason))
}

test('no answer says from where, and why', () => {
  const error = new TypeError('fetch failed', { cause: new Error('connect ECONNREFUSED') })
  assert.equal(reasonOfFailure(place, error), 'no answer from https://s3.example.com: connect ECONNREFUSED')
})
