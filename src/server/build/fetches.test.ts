import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refuse } from '../../model/refusal.ts'
import { engineFetches, noEngineFetches } from './fetches.ts'

/** As if all names but these were out in the world. */
const inside = /^(?:127\.|10\.|169\.254\.|\[::1\]$|localhost$|inner\.test$)/
const check = async (host: string) => {
  if (inside.test(host)) refuse('INVALID', 'host', `${host} is inside`)
}
const of = (...lines: string[]) => engineFetches(lines.join('\n'), check)

const refused: [says: string, lines: string[]][] = [
  ['a loopback address', ['FROM a', 'ADD http://127.0.0.1:7117/x /x']],
  ['a metadata address', ['FROM a', 'add http://169.254.169.254/latest/meta-data/ /x']],
  ['a name of this network', ['FROM a', 'ADD --chown=1:1 https://inner.test/x /x']],
  ['with a login in front', ['FROM a', 'ADD http://u:p@10.0.0.1/x /x']],
  ['an IPv6 address', ['FROM a', 'ADD http://[::1]:80/x /x']],
  ['on a line of its own', ['FROM a', 'ADD \\', '  http://localhost/x \\', '  /x']],
  ['among others', ['FROM a', 'ADD ["https://example.com/a", "http://localhost/b", "/x/"]']],
  ['for who builds on it', ['FROM a', 'ONBUILD ADD http://localhost/x /x']],
]

for (const [says, lines] of refused) {
  test(`ADD of a URL is refused: ${says}`, async () => {
    await assert.rejects(of(...lines), { code: 'SOURCE', message: /ADD of a URL: .* is inside/ })
  })
}

test('what a step wants to fetch is compared with what stands in the Dockerfile', async () => {
  const forbids = await of('FROM a', 'ARG URL=http://localhost/x', 'ADD $URL https://example.com/y /', 'RUN curl x')
  assert.equal(forbids('https://example.com/y'), undefined)
  assert.equal(forbids('[2/3] ADD https://example.com/y /'), undefined)
  assert.equal(forbids('[3/3] RUN curl http://localhost/z'), undefined)
  assert.match(forbids('http://localhost/x') ?? '', /localhost is inside/)
  assert.match(forbids('http://elsewhere.test/x') ?? '', /elsewhere\.test does not stand in the Dockerfile/)
  assert.match(forbids('[2/3] ADD http://127.0.0.1/x /x') ?? '', /127\.0\.0\.1 does not stand/)
})

test('where it is switched off, no URL is added, by whatever name it comes', () => {
  assert.throws(() => noEngineFetches('FROM a\nADD https://example.com/x /x\n'), { code: 'SOURCE', message: /curl/ })
  assert.throws(() => noEngineFetches('FROM a\nONBUILD ADD https://example.com/x /x\n'), { code: 'SOURCE' })
  const forbids = noEngineFetches('FROM a\nARG URL\nADD $URL /x\nADD x /x\nRUN curl https://example.com/y\n')
  assert.match(forbids('https://example.com/x') ?? '', /example\.com.* is switched off/)
  assert.match(forbids('[2/4] ADD http://example.com/x /x') ?? '', /is switched off/)
  assert.equal(forbids('[3/4] ADD x /x'), undefined)
  assert.equal(forbids('[4/4] RUN curl https://example.com/y'), undefined)
})

test('nothing is looked up where nothing is fetched', async () => {
  const forbids = await engineFetches('FROM a\nRUN curl http://localhost\n', () => assert.fail('looked up'))
  assert.equal(forbids('[1/2] FROM a'), undefined)
  assert.match(forbids('http://x.test/of-an-ONBUILD') ?? '', /does not stand/)
})
