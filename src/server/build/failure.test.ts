import assert from 'node:assert/strict'
import { test } from 'node:test'
import { failed } from './failure.ts'

const limits = { memoryMb: 512, cpu: 1, pids: 100, timeoutMs: 1 }

const cases: [exitCode: number | undefined, said: string[], message: string][] = [
  [undefined, [], 'build failed at RUN x: boom'],
  [3, ['boom'], 'build failed at RUN x: exit code 3: boom'],
  [137, ['Killed'], 'build failed at RUN x: killed, probably out of memory (limit 512 MB): boom'],
  [1, ['npm error signal SIGKILL'], 'build failed at RUN x: exit code 1, probably out of memory (limit 512 MB): boom'],
  [2, ['sh: 1: Cannot fork'], 'build failed at RUN x: exit code 2, probably too many processes (limit 100): boom'],
  [2, ['killed time'], 'build failed at RUN x: exit code 2: boom'],
]

for (const [exitCode, said, message] of cases) {
  test(`tells ${message}`, () => {
    assert.throws(() => failed({ step: 'RUN x', exitCode, reason: 'boom', said }, limits), { message })
  })
}
