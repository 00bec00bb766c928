import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Frame, FrameReader } from './frames.ts'

const frame = (stream: number, text: string) => {
  const data = Buffer.from(text)
  const header = Buffer.alloc(8)
  header[0] = stream
  header.writeUInt32BE(data.length, 4)
  return Buffer.concat([header, data])
}
const bytes = Buffer.concat([frame(1, 'one\n'), frame(2, 'zwei – ü\n'), frame(1, ''), frame(0, 'x'), frame(1, 'last')])
const expected = ['out:one\n', 'err:zwei – ü\n', 'out:', 'in:x', 'out:last']

const shown = (frames: readonly Frame[]) => frames.map(({ stream, data }) => `${stream}:${data}`)

test('frames cut in two at any byte', () => {
  for (let cut = 0; cut <= bytes.length; cut++) {
    const reader = new FrameReader()
    const frames = [...reader.push(bytes.subarray(0, cut)), ...reader.push(bytes.subarray(cut))]
    assert.deepEqual(shown(frames), expected, `cut at ${cut}`)
  }
})

test('frames that come byte by byte', () => {
  const reader = new FrameReader()
  const frames = Array.from(bytes, (byte) => reader.push(Buffer.from([byte]))).flat()
  assert.deepEqual(shown(frames), expected)
})

for (const [what, wrong] of [
  ['a stream of an unknown kind', Buffer.from([7, 0, 0, 0, 0, 0, 0, 1])],
  ['text', Buffer.from('2026-01-01 hello')],
  ['a frame larger than any the Engine makes', Buffer.from([1, 0, 0, 0, 0x7f, 0, 0, 0])],
] as const) {
  test(`refuses ${what}`, () => {
    assert.throws(() => new FrameReader().push(wrong), /out of step/)
  })
}
