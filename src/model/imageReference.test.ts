import assert from 'node:assert/strict'
import test from 'node:test'
import { imageReference, registryServer } from './imageReference.ts'

const digest = `sha256:${'a'.repeat(64)}`
const understood: readonly (readonly [raw: string, ...parts: readonly string[]])[] = [
  ['nginx', 'docker.io', 'library/nginx', 'latest'],
  ['nginx:1.27', 'docker.io', 'library/nginx', '1.27'],
  ['ada/blog', 'docker.io', 'ada/blog', 'latest'],
  ['docker.io/ada/blog:v2', 'docker.io', 'ada/blog', 'v2'],
  ['ghcr.io/ada/blog:v2', 'ghcr.io', 'ada/blog', 'v2'],
  ['localhost/blog', 'localhost', 'blog', 'latest'],
  ['127.0.0.1:5000/a/b/c:x', '127.0.0.1:5000', 'a/b/c', 'x'],
  [`ghcr.io/ada/blog@${digest}`, 'ghcr.io', 'ada/blog', 'latest'],
]

for (const [raw, ...parts] of understood) {
  test(`${raw} is ${parts.join(' ')}`, () => {
    const { server, path, tag } = imageReference(raw)
    assert.deepEqual([server, path, tag], parts)
  })
}

test('a digest is kept', () => assert.equal(imageReference(`nginx:1@${digest}`).digest, digest))

for (const raw of [
  '',
  'NGINX',
  '-x',
  'a b',
  'a:b:c',
  'a@sha256:12',
  'https://x/y',
  'a/../b',
  'ghcr.io/',
  'x\ny',
  '$(id)',
  `a/${'b'.repeat(600)}`,
  'ho;st.x/y',
]) {
  test(`${JSON.stringify(raw.slice(0, 30))} is refused`, () =>
    assert.throws(() => imageReference(raw), { code: 'INVALID' }))
}

test('Docker Hub has one name', () => {
  for (const raw of ['https://index.docker.io/v1/', 'docker.io', 'registry-1.docker.io'])
    assert.equal(registryServer(raw), 'docker.io')
  assert.equal(registryServer('Registry.Example.com:5000/'), 'registry.example.com:5000')
  for (const raw of ['', 'a b', '-x', 'x/y', 'http://x']) assert.throws(() => registryServer(raw), { code: 'INVALID' })
})
