import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type LogEntry, readEntries } from './logEntries.ts'

const at = (n: number) => `2026-01-01T00:00:00.${String(n).padStart(9, '0')}Z`

const frame = (stream: number, text: string | Buffer) => {
  const data = Buffer.from(text)
  const header = Buffer.alloc(8)
  header[0] = stream
  header.writeUInt32BE(data.length, 4)
  return Buffer.concat([header, data])
}

async function read(bytes: Buffer, cut = bytes.length): Promise<LogEntry[]> {
  const chunks = [bytes.subarray(0, cut), bytes.subarray(cut)].filter(({ length }) => length > 0)
  return (
    await Array.fromAsync(
      readEntries(
        (async function* () {
          yield* chunks
        })(),
      ),
    )
  ).flat()
}

test('framed lines, cut anywhere', async () => {
  const bytes = Buffer.concat([
    frame(1, `${at(1)} ein Wört\r\n`),
    frame(2, `${at(2)} oops\n`),
    frame(1, `${at(3)} no end`),
  ])
  for (let cut = 1; cut <= bytes.length; cut++) {
    assert.deepEqual(await read(bytes, cut), [
      { at: at(1), stream: 'out', text: 'ein Wört', whole: true },
      { at: at(2), stream: 'err', text: 'oops', whole: true },
      { at: at(3), stream: 'out', text: 'no end', whole: false },
    ])
  }
})

test('bare lines of a terminal, cut anywhere', async () => {
  const bytes = Buffer.from(`${at(1)} ein Wört\r\n${at(2)} \r\n${at(3)} $ `)
  for (let cut = 1; cut <= bytes.length; cut++) {
    const found = await read(bytes, cut)
    assert.deepEqual(
      found.map(({ at, text }) => [at, text]),
      [
        [at(1), 'ein Wört'],
        [at(2), ''],
        [at(3), '$ '],
      ],
    )
  }
})

test('an empty line, and one that looks like a time', async () => {
  const found = await read(Buffer.concat([frame(1, `${at(1)} \n`), frame(1, `${at(2)} ${at(1)} x\n`)]))
  assert.deepEqual(
    found.map(({ text }) => text),
    ['', `${at(1)} x`],
  )
})

test('a line longer than 16 KiB comes in pieces', async () => {
  const found = await read(frame(1, `${at(1)} ${'x'.repeat(40_000)}\n`))
  assert.deepEqual(
    found.map(({ text }) => text.length),
    [16_384, 16_384, 7_232],
  )
  assert.equal(
    (await read(Buffer.from(`${at(1)} ${'x'.repeat(40_000)}\n`))).every(({ text }) => text.length <= 16_415),
    true,
  )
})

test('bytes that are no text do no harm', async () => {
  const found = await read(frame(1, Buffer.concat([Buffer.from(`${at(1)} a`), Buffer.from([0xff, 0x00, 0x0a])])))
  assert.deepEqual(
    found.map(({ text }) => text),
    ['a\ufffd\0'],
  )
})
