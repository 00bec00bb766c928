import assert from 'node:assert/strict'
import { test } from 'node:test'
import { withScope } from '../../model/variables.ts'
import { Progress, readable } from './progress.ts'
import { hiding } from './variables.ts'

function shown(lines: readonly string[], redact?: (line: string) => string) {
  const log: string[] = []
  const title = (name: string) => (name.startsWith('[internal]') ? undefined : name.replace(/^\[.*?\] /, ''))
  const progress = new Progress({ log: (line) => log.push(line), title, ...(redact && { redact }) })
  for (const line of lines) progress.line(line)
  return { log, failure: progress.failure() }
}

const cases: [says: string, lines: string[], log: string[]][] = [
  [
    'a step with its output',
    ['#5 [2/3] RUN x', '#5 sha256:abc', '#5 0.123 one', '#5 0.2   two', '#5 DONE 0.3s'],
    ['-----> RUN x', '       one', '         two'],
  ],
  ['a cached step in one line', ['#5 [2/3] RUN x', '#5 sha256:abc', '#5 CACHED'], ['-----> RUN x (cached)']],
  [
    'a step only once',
    ['#5 [2/3] RUN x', '#5 0.1 a', '#5 ...', '', '#5 [2/3] RUN x', '#5 0.2 b', '#5 DONE 1.0s'],
    ['-----> RUN x', '       a', '       b'],
  ],
  ['nothing of the housekeeping', ['#1 [internal] load build definition', '#1 transferring 2B', '#1 DONE 0.0s'], []],
  [
    'nothing of transfers',
    ['#7 [1/2] FROM x', '#7 sha256:abc', '#7 extracting sha256:abc 1.2s done', '#7 DONE 1s'],
    ['-----> FROM x'],
  ],
  [
    'no colours',
    ['#5 [2/3] RUN x', '#5 0.1 \u001b[31mred\u001b[0m \u001b]0;title\u0007end'],
    ['-----> RUN x', '       red end'],
  ],
  ['the last state of a progress bar', ['#5 [2/3] RUN x', '#5 0.1 10%\r50%\r100%'], ['-----> RUN x', '       100%']],
  [
    'empty lines of output',
    ['#5 [2/3] RUN x', '#5 0.1 a', '#5 0.1', '#5 0.1 b'],
    ['-----> RUN x', '       a', '       ', '       b'],
  ],
]

for (const [says, lines, log] of cases) {
  test(`shows ${says}`, () => assert.deepEqual(shown(lines).log, log))
}

const failures: [says: string, lines: string[], failure: object][] = [
  [
    'the step, its exit code and its last words',
    [
      '#5 [2/3] RUN x',
      '#5 0.1 boom',
      '#5 0.2 ',
      '#5 ERROR: executor failed running [/bin/sh -c x]: exit code: 3',
      'executor failed running [/bin/sh -c x]: exit code: 3',
    ],
    { step: 'RUN x', exitCode: 3, reason: 'boom' },
  ],
  [
    'a failure behind output without a line break',
    ['#5 [2/3] RUN x', '#5 0.1 boom#5 ERROR: executor failed running [/bin/sh -c x]: exit code: 3'],
    { step: 'RUN x', exitCode: 3, reason: 'boom' },
  ],
  [
    'the same as newer engines say it',
    ['#5 [2/3] RUN x', '#5 0.1 boom', '#5 ERROR: process "/bin/sh -c x" did not complete successfully: exit code: 3'],
    { step: 'RUN x', exitCode: 3, reason: 'boom' },
  ],
  [
    'a Dockerfile that cannot be read',
    [
      'failed to solve with frontend dockerfile.v0: failed to create LLB definition: dockerfile parse error line 3: unknown instruction: FOO',
    ],
    { step: 'the start', exitCode: undefined, reason: 'line 3: unknown instruction: FOO' },
  ],
  [
    'a file that is not there',
    [
      '#5 [2/3] COPY x y',
      '#5 ERROR: "/x" not found: not found',
      'failed to compute cache key: "/x" not found: not found',
    ],
    { step: 'COPY x y', exitCode: undefined, reason: '"/x" not found: not found' },
  ],
  [
    'an image that cannot be had',
    [
      '#3 [internal] load metadata for docker.io/library/node:20',
      '#3 ERROR: failed to do request: Head "https://registry-1.docker.io/v2/library/node/manifests/20": dial tcp: lookup registry-1.docker.io: no such host',
    ],
    { step: 'FROM node:20', exitCode: undefined, reason: 'the image cannot be fetched: no such host' },
  ],
  ['silence', [], { step: 'the start', exitCode: undefined, reason: 'the build ended without a word' }],
]

for (const [says, lines, failure] of failures) {
  test(`tells ${says}`, () => {
    const { said: _, ...told } = shown(lines).failure
    assert.deepEqual(told, failure)
  })
}

test('shows no value of a variable', () => {
  const redact = hiding(withScope({ TOKEN: 'secret-value', SHORT: 'abc', KEY: 'first line\nsecond line' }, () => 'run'))
  const { log } = shown(['#5 [2/3] RUN x', '#5 0.1 a=secret-value abc second line'], redact)
  assert.deepEqual(log, ['-----> RUN x', '       a=[TOKEN] abc [KEY]'])
})

test('shows no part of a value that the end of a long line cuts, and sees the end of its step', () => {
  const redact = hiding(withScope({ TOKEN: 'secret-value' }, () => 'run'))
  for (const before of [16_300, 16_370, 16_378, 16_384, 30_000]) {
    const line = `#5 0.1 ${'x'.repeat(before)}secret-value${'y'.repeat(9_000)}#5 ERROR: exit code: 3`
    const { log, failure } = shown(['#5 [2/3] RUN x', line], redact)
    assert.doesNotMatch(log.join('\n'), /secr/)
    assert.equal(failure.exitCode, 3)
  }
})

test('keeps tabs and other alphabets', () => assert.equal(readable('\tKöln 東京\u0000'), '\tKöln 東京'))

test('each step is told when it is over, also the one that failed', () => {
  const steps: string[] = []
  const onStep = ({ title, cached = false }: { title: string; cached?: boolean }) => steps.push(`${title} ${cached}`)
  const progress = new Progress({ log: () => undefined, title: (name) => name, onStep })
  for (const line of ['#4 one', '#4 CACHED', '#5 two', '#5 DONE 0.3s', '#6 three', '#6 ERROR: exit code: 3'])
    progress.line(line)
  progress.line('#6 ERROR: exit code: 3')
  assert.deepEqual(steps, ['one true', 'two false', 'three false'])
})
