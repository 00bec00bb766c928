import assert from 'node:assert/strict'
import { test } from 'node:test'
import { appName, envName, envValue, hostName, label, processName } from './names.ts'
import { Refusal } from './refusal.ts'

const x = (length: number) => 'x'.repeat(length)
/** What people try, and what attackers do: none of it is a name of anything. */
const hostile = [
  '',
  ' ',
  '.',
  '..',
  '../etc/passwd',
  '/',
  'a/b',
  'a\\b',
  'a\0b',
  'a\nb',
  'a\r\nHost: b',
  'a\tb',
  '$(id)',
  '`id`',
  'a;id',
  'a|id',
  'a&&id',
  '-rf',
  '--help',
  "a'b",
  'a"b',
  '<script>',
  '{{7*7}}',
  '${x',
  '%2e%2e',
  'ünï',
  'а', // Cyrillic
  '\u202Egnp',
  '\uD800',
  '\u{1F680}',
]

const table: {
  what: string
  make: (raw: string) => string
  good: (string | [given: string, taken: string])[]
  bad: string[]
}[] = [
  {
    what: 'app name',
    make: appName,
    good: ['a', 'blog', 'my-blog-2', `a${x(39)}`],
    bad: [
      ...hostile,
      '1a',
      'a-',
      'a--b',
      'Blog',
      'a_b',
      'a.b',
      `a${x(40)}`,
      'berth',
      'api',
      'localhost',
      'blog\n',
      ' blog',
    ],
  },
  {
    what: 'process name',
    make: processName,
    good: ['web', 'worker_2', 'a-b', `a${x(29)}`],
    bad: [...hostile, '2a', 'Web', 'a_', '_a', 'a.b', `a${x(30)}`, 'web\n'],
  },
  {
    what: 'variable name',
    make: envName,
    good: ['A', '_x', 'DATABASE_URL', 'a1', `A${x(254)}`, 'LD_PRELOAD', '__proto__', 'BERTHX'],
    bad: [...hostile, '1A', 'A-B', 'A=B', 'A B', `A${x(255)}`, 'PORT', 'BERTH_APP', 'A\n'],
  },
  {
    what: 'host name',
    make: hostName,
    good: [
      'blog.example.com',
      ['Blog.Example.COM', 'blog.example.com'],
      [' blog.example.com. ', 'blog.example.com'],
      '*.example.com',
      'xn--bcher-kva.example',
      '1.example.com',
      `${x(63)}.com`,
    ],
    bad: [
      ...hostile,
      'blog',
      'localhost',
      '*',
      '*.com.*',
      'a.*.com',
      '**.com',
      'a..b',
      '.a.b',
      'a.b..',
      '-a.b',
      'a-.b',
      'a_b.c',
      '10.0.0.1',
      '127.1',
      '[::1]',
      '::1',
      'a.b:80',
      'http://a.b',
      'a.b/c',
      'user@a.b',
      `${x(64)}.com`,
      `${Array(64).fill('abc').join('.')}.com`,
    ],
  },
  {
    what: 'label',
    make: (raw) => label('label', raw),
    good: ['a', 'Ada at home', [' trimmed ', 'trimmed'], 'ünï', '\u{1F680}', "a'b", '<script>', x(80)],
    bad: ['', ' ', '\n', 'a\nb', 'a\tb', 'a\0b', '\u202Egnp', 'a\u200Bb', 'a\u2028b', '\uD800', x(81)],
  },
  {
    what: 'variable value',
    make: envValue,
    good: ['', ' ', 'a\nb', '$(id)', '\u{1F680}', x(65_536)],
    bad: ['a\0b', x(65_537), 'ü'.repeat(32_769)],
  },
]

for (const { what, make, good, bad } of table) {
  for (const one of good) {
    const [given, taken] = typeof one === 'string' ? [one, one] : one
    test(`${JSON.stringify(given.slice(0, 40))} is a ${what}`, () => assert.equal(make(given), taken))
  }
  for (const raw of bad) {
    test(`${JSON.stringify(raw.slice(0, 40))} is no ${what}`, () => {
      assert.throws(
        () => make(raw),
        (error) =>
          error instanceof Refusal && ['INVALID', 'TOO_LARGE'].includes(error.code) && error.message.length > 20,
      )
    })
  }
}
