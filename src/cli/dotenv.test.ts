import assert from 'node:assert/strict'
import { test } from 'node:test'
import { withScope } from '../model/variables.ts'
import { type Entry, formatDotenv, parseDotenv } from './dotenv.ts'

const reads = (text: string, expected: Record<string, string>) =>
  test(`reads ${JSON.stringify(text)}`, () => assert.deepEqual(valuesOf(parseDotenv(text, '.env')), expected))

const valuesOf = (entries: Record<string, Entry>) =>
  Object.fromEntries(Object.entries(entries).map(([name, { value }]) => [name, value]))

reads('', {})
reads('\n  \n# only a comment', {})
reads('A=1', { A: '1' })
reads('A=1\r\nB=2\r\n', { A: '1', B: '2' })
reads('\uFEFFA=1', { A: '1' })
reads('export A=1', { A: '1' })
reads('  A = spaced out  ', { A: 'spaced out' })
reads('A=', { A: '' })
reads('A=\nB=2', { A: '', B: '2' })
reads('A=one # a comment', { A: 'one' })
reads('A=one#two', { A: 'one#two' })
reads('A=# nothing', { A: '' })
reads('A=x=y=z', { A: 'x=y=z' })
reads('URL=postgres://u:p@h/d?x=1&y=2', { URL: 'postgres://u:p@h/d?x=1&y=2' })
reads("A='as $it \\n is # here'", { A: 'as $it \\n is # here' })
reads('A="two\\nlines"', { A: 'two\nlines' })
reads('A="one\ntwo" # comment\nB=3', { A: 'one\ntwo', B: '3' })
reads('A="say \\"hi\\" \\\\ \\$HOME \\q"', { A: 'say "hi" \\ $HOME \\q' })
reads("KEY='-----BEGIN\nabc\n-----END'", { KEY: '-----BEGIN\nabc\n-----END' })
reads('A=$HOME `id` $(id)', { A: '$HOME `id` $(id)' })
reads("A=it's", { A: "it's" })
reads('A=1\nA=2', { A: '2' })
reads('__proto__=x', { ['__proto__']: 'x' })

const refuses = (text: string, message: string) =>
  test(`refuses ${JSON.stringify(text)}`, () =>
    assert.throws(() => parseDotenv(text, '.env'), { name: 'UsageError', message }))

refuses('A=1\nnonsense\n', '.env:2: expected NAME=value')
refuses('1A=1', '.env:1: expected NAME=value')
refuses('A-B=1', '.env:1: expected NAME=value')
refuses('\n\nA="open\nB=1', '.env:3: the quote is not closed')
refuses("A='open", '.env:1: the quote is not closed')
refuses('A="x" y', '.env:1: text after the closing quote of A')

test('what is written is read back the same', () => {
  const env = {
    PLAIN: 'a/b:c@d.e',
    EMPTY: '',
    SPACES: '  a b  ',
    QUOTES: `it's "so"`,
    LINES: 'one\ntwo\n',
    CARRIAGE: 'a\r\nb',
    DOLLAR: '$HOME $(id) \\n',
    BOTH: `'"\\$\n`,
    HASH: 'a # b',
  }
  for (const scope of ['run', 'build', 'both'] as const) {
    const text = formatDotenv(withScope(env, () => scope)).join('\n')
    assert.deepEqual(valuesOf(parseDotenv(text, 'x')), env)
  }
})

test('scopes are written and read as comments, which other programs pass over', () => {
  const variables = withScope({ A: '1', B: '2\n# scope: run\n', C: '3' }, (name) => (name === 'A' ? 'run' : 'build'))
  const text = formatDotenv(variables).join('\n')
  assert.equal(text, "A=1\n# scope: build\nB='2\n# scope: run\n'\nC=3")
  assert.deepEqual(parseDotenv(text, 'x'), { ...variables, A: { value: '1' } })
  assert.throws(() => parseDotenv('# scope: all\nA=1', 'x'), /scope: must be one of run, build, both/)
  assert.deepEqual(parseDotenv('# scope: build, if at all\nA=1', 'x'), { A: { value: '1' } })
})
