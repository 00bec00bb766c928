import assert from 'node:assert/strict'
import { test } from 'node:test'
import { define } from './command.ts'
import { findCommand, parseInput } from './parse.ts'
import { UsageError } from './usage.ts'

const names = ['ps', 'env', 'env set', 'env unset', 'app create', 'app list', 'run', 'version']

const example = define({
  summary: 'An example',
  args: 'NAME [FOLDER]',
  app: true,
  options: {
    quiet: { type: 'boolean', short: 'q', help: '' },
    team: { type: 'string', help: '' },
  },
  examples: [],
  run: async () => 0,
})
const runLike = define({
  summary: '',
  args: 'COMMAND…',
  app: true,
  passthrough: 'arguments',
  examples: [],
  run: async () => 0,
})

const finds = (line: string, name: string, rest: string[]) =>
  test(`"${line}" is ${name}`, () => {
    assert.deepEqual(findCommand(line.split(' '), names), { kind: 'command', name, rest })
  })

finds('ps -a blog', 'ps', ['-a', 'blog'])
finds('-a blog ps', 'ps', ['-a', 'blog'])
finds('--json app list', 'app list', ['--json'])
finds('--app=blog env set A=1', 'env set', ['--app=blog', 'A=1'])
finds('env --values', 'env', ['--values'])
finds('run -- env set', 'run', ['--', 'env', 'set'])
finds('--version', 'version', [])

test('a noun alone is a group, nothing is nothing', () => {
  assert.deepEqual(findCommand(['app'], names), { kind: 'group', name: 'app' })
  assert.deepEqual(findCommand(['app', '--help'], names), { kind: 'group', name: 'app' })
  assert.deepEqual(findCommand(['--help'], names), { kind: 'none' })
})

const misses = (line: string, message: RegExp) =>
  test(`"${line}" is refused`, () => {
    assert.throws(() => findCommand(line.split(' '), names), { name: 'UsageError', message })
  })

misses('pss', /no command "pss"; did you mean "ps"\?/)
misses('app creat blog', /no command "app creat"; did you mean "app create"\?/)
misses('app:create blog', /did you mean "app create"\?/)
misses('apps create blog', /did you mean "app create"\?/)
misses('app frobnicate', /no command "app frobnicate"; there are create, list/)
misses('zzzzzz', /^no command "zzzzzz"$/)

test('options and arguments in any order', () => {
  const { args, values } = parseInput('x', example, ['blog', '-q', '--team', 'staff', '.', '-a', 'other', '--json'])
  assert.deepEqual([...args], ['blog', '.'])
  assert.deepEqual({ ...values }, { quiet: true, team: 'staff', app: 'other', json: true })
})

test('after -- all are arguments', () => {
  assert.deepEqual(parseInput('x', example, ['--', '-q', '--json']).args, ['-q', '--json'])
})

const refuses = (line: string, message: RegExp) =>
  test(`"${line}" is wrong`, () => {
    const given = line.split(' ').filter(Boolean)
    assert.throws(
      () => parseInput('x', example, given),
      (error) => error instanceof UsageError && message.test(error.message),
    )
  })

refuses('', /^NAME is missing$/)
refuses('a b c', /^"c" is one argument too many$/)
refuses('a --quite', /^no option --quite; did you mean "--quiet"\?$/)
refuses('a --constructor', /^no option --constructor$/)
refuses('a -z', /^no option -z$/)
refuses('a --quiet=yes', /^--quiet takes no value$/)
refuses('a --team', /^--team needs a value/)
refuses('a --team --quiet', /^--team needs a value/)
refuses('a -a', /^-a needs a value: -a APP$/)

test('an attached value may start with a dash', () => {
  assert.equal(parseInput('x', example, ['a', '--team=-x']).values.team, '-x')
})

test('--help needs no arguments', () => {
  assert.equal(parseInput('x', example, ['--help']).values.help, true)
})

test("what follows a command's first argument belongs to that command", () => {
  const { args, values } = parseInput('run', runLike, ['-a', 'blog', 'ls', '-la', '--json', '--', 'x'])
  assert.deepEqual(args, ['ls', '-la', '--json', '--', 'x'])
  assert.deepEqual({ ...values }, { app: 'blog' })
  assert.deepEqual(parseInput('run', runLike, ['--', 'ls', '--', '-a', 'x']).args, ['ls', '--', '-a', 'x'])
})
