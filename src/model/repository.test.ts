import assert from 'node:assert/strict'
import test from 'node:test'
import { kindOf, refName, repositoryKey, repositoryUrl, urlText } from './repository.ts'

const understood: readonly (readonly [raw: string, text: string])[] = [
  ['https://github.com/ada/blog.git', 'https://github.com/ada/blog.git'],
  ['https://GitHub.com:8443/ada/blog', 'https://github.com:8443/ada/blog'],
  ['https://ada:s3cret@github.com/ada/blog', 'https://ada@github.com/ada/blog'],
  ['git@github.com:ada/blog.git', 'ssh://git@github.com/ada/blog.git'],
  ['ssh://git@host:2222/~ada/blog', 'ssh://git@host:2222/~ada/blog'],
  ['svn://host/project/trunk', 'svn://host/project/trunk'],
  ['https://[::1]:8080/x', 'https://[::1]:8080/x'],
]

for (const [raw, text] of understood) {
  test(`${raw} is ${text}`, () => assert.equal(urlText(repositoryUrl(raw).url), text))
}

test('a password comes out apart', () => {
  const { url, password } = repositoryUrl('https://ada:s%40cret@github.com/ada/blog')
  assert.equal(password, 's@cret')
  assert.equal(url.user, 'ada')
})

const refused = [
  'ext::sh -c touch% /tmp/x',
  'file:///etc/passwd',
  '/etc/passwd',
  '--upload-pack=/tmp/x',
  'ssh://-oProxyCommand=touch/x',
  'ssh://git@-oProxyCommand=x/y',
  '-oProxyCommand=x@host:y',
  'https://host/a b',
  'https://host/a\nb',
  'https://host/`id`',
  'https://host/$(id)',
  'https://host/a;b',
  'https://host/../x',
  'ftp://host/x',
  'javascript:alert(1)',
  'https://host:99999/x',
  'https://ho st/x',
  "https://host/'x",
  'git::https://host/x',
  'https://%0a@host/x',
  `https://host/${'x'.repeat(2000)}`,
]

for (const raw of refused) {
  test(`${JSON.stringify(raw.slice(0, 40))} is refused`, () =>
    assert.throws(() => repositoryUrl(raw), { code: 'INVALID' }))
}

test('the kind is said, or follows from the scheme', () => {
  assert.equal(kindOf(repositoryUrl('https://host/x').url), 'git')
  assert.equal(kindOf(repositoryUrl('https://host/x').url, 'hg'), 'hg')
  assert.equal(kindOf(repositoryUrl('svn://host/x').url), 'svn')
  assert.equal(kindOf(repositoryUrl('bzr+ssh://host/x').url), 'bzr')
  assert.throws(() => kindOf(repositoryUrl('git://host/x').url, 'svn'), { code: 'INVALID' })
})

test('every address of one repository has the same key', () => {
  const keys = ['https://github.com/Ada/Blog.git', 'git@github.com:ada/blog.git', 'https://x@github.com/ada/blog/']
  assert.equal(new Set(keys.map((raw) => repositoryKey(repositoryUrl(raw).url))).size, 1)
})

for (const ref of ['main', 'feature/x', 'v1.2.3', 'v*', 'a'.repeat(40), 'release-1', 'user@feature', '1.0+b1']) {
  test(`${ref} may be a ref`, () => assert.equal(refName(ref), ref))
}

for (const ref of [
  '--upload-pack=x',
  '-x',
  '',
  'a..b',
  'a b',
  'a:b',
  'x.lock',
  '.x',
  'a//b',
  'a@{1}',
  '@',
  'a\nb',
  'a/',
  '$(id)',
  'a^',
  'a~1',
]) {
  test(`${JSON.stringify(ref)} may not`, () => assert.throws(() => refName(ref), { code: 'INVALID' }))
}
