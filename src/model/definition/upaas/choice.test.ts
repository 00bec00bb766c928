import assert from 'node:assert/strict'
import { test } from 'node:test'
import { debian, packagesFor } from './packages.ts'
import { safeUwsgiOptions, siftUwsgi } from './uwsgi.ts'
import { agreedVersion, versionsAgree } from './versions.ts'

const pairs: [a: string, b: string, agree: boolean][] = [
  ['5', '5.4', true],
  ['5.1.4', '5.1', true],
  ['5.3', '5.4', false],
  ['5', '5', true],
  ['1.10', '1.1', false],
]

for (const [a, b, agree] of pairs) {
  test(`${a} and ${b} ${agree ? 'agree' : 'differ'}`, () => {
    assert.equal(versionsAgree(a, b), agree)
    assert.equal(versionsAgree(b, a), agree)
  })
}

const ruby = ['1.8.7', '1.9.3', '2.0', '2.1', '2.2']
const choices: [asked: string[], offered: string[], chosen: string | undefined][] = [
  [['2.0.0', '1.9.3', '1.8.7'], ruby, '2.0'],
  [['2', '1.9.3'], ruby, '2.2'],
  [['3', '2.7'], ['2.7', '3.1', '3.2', '3.3', '3.4'], '3.4'],
  [['5.5'], ['5.5'], '5.5'],
  [['5.5'], ['8.2.1'], undefined],
  [['3'], ['3.9', '3.10'], '3.10'],
  [[], ['3'], undefined],
]

for (const [asked, offered, chosen] of choices) {
  test(`of ${offered}, ${asked.join(' or ') || 'nothing'} gets ${chosen}`, () =>
    assert.equal(agreedVersion(asked, offered), chosen))
}

test('settings of uWSGI that the operator does not let through are dropped, and named', () => {
  const settings = [
    'check-static = public',
    'static-map=/a=b',
    'harakiri = 5',
    'route = ^/x redirect:/y',
    'worker-reload-mercy = 3',
    'enable-threads = true',
    'enable-threads-x = true',
    'exec-asap = id',
    ' static-map = padded',
    'lazy-apps',
  ]
  const { kept, dropped } = siftUwsgi(settings, safeUwsgiOptions)
  assert.deepEqual(kept, settings.slice(0, 6))
  assert.deepEqual(dropped, settings.slice(6))
  assert.deepEqual(siftUwsgi(settings, ['exec-']).kept, ['exec-asap = id'])
  assert.deepEqual(siftUwsgi(settings, []).kept, [])
})

test('packages: those of the distribution, of its release, under their present names', () => {
  const os = [
    { distribution: 'Debian', packages: ['git-core', 'php5-mysql', 'php5-mcrypt', 'rake'] },
    { distribution: 'Debian', version: '12', packages: ['new'] },
    { distribution: 'debian', version: 'bookworm', packages: ['new', 'newer'] },
    { distribution: 'Debian', version: '7', packages: ['old'] },
    { distribution: 'Ubuntu', packages: ['other'] },
  ]
  const { packages, warnings } = packagesFor(os, debian('bookworm'))
  assert.deepEqual(packages, ['git', 'php-mysql', 'rake', 'new', 'newer'])
  assert.equal(warnings.length, 3)
  assert.match(packagesFor(os.slice(4), debian()).warnings.join(), /are for Ubuntu; none of them is installed/)
})
