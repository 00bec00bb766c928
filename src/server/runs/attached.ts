import { type Duplex, Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { FrameReader } from '../../engine/frames.ts'
import { log } from '../../lib/log.ts'
import type { Actor } from '../../model/policy.ts'
import type { AppRow, OperationRow } from '../store/access.ts'
import { enterPhase, operationById, requestOperation } from '../store/operations.ts'
import { createContainer, type Parts } from './container.ts'
import { endWithCode, endWithReason, reasonOf } from './outcome.ts'

export type AttachedOrder = {
  readonly app: AppRow
  readonly command: readonly string[]
  readonly tty: boolean
  readonly size: Size
  readonly actor: Pick<Actor, 'name'>
}

type Size = { readonly columns: number; readonly rows: number }

/** The other end: a person's terminal, or a pipe. */
export type Terminal = {
  readonly input: AsyncIterable<Uint8Array>
  /** Resolves when more may be written. */
  output(stream: 'out' | 'err', data: Uint8Array): Promise<void>
  onResize(listener: (size: Size) => void): void
  /** Fires when the other end is gone. */
  readonly signal: AbortSignal
}

/** Runs one command to its end and gives its exit code. The container goes when it ends, is cancelled, or the terminal is gone. */
export async function runAttached(parts: Parts, order: AttachedOrder, terminal: Terminal): Promise<number> {
  const operation = await begin(parts, order)
  const result = await inContainer(parts, operation, order, terminal).catch((error) => reasonOf(error, operation))
  if (typeof result !== 'number') throw (await endWithReason(parts.store, operation, result)) ?? result
  const reason = await endWithCode(parts.store, operation, result)
  if (reason?.code === 'CANCELLED') throw reason
  return result
}

async function begin({ store }: Parts, { app, command, tty, actor }: AttachedOrder): Promise<OperationRow> {
  return store.write('operations', async (tx) => {
    const operation = await requestOperation(tx, app, { kind: 'run', command, tty, attached: true }, actor.name)
    await enterPhase(tx, operation, 'releasing')
    return operation
  })
}

async function inContainer(parts: Parts, operation: OperationRow, order: AttachedOrder, terminal: Terminal) {
  const { containers } = parts.engine
  const id = await createContainer(parts, operation, { command: order.command, tty: order.tty, stdin: true })
  const over = new AbortController()
  try {
    const stream = await containers.attach(id)
    const typed = order.tty
      ? pipeline(Readable.from(endedByHand(terminal.input)), stream, { end: false })
      : pipeline(Readable.from(terminal.input), stream, { end: true })
    typed.catch(() => undefined)
    await containers.start(id)
    stopWhen(parts, id, operation, terminal.signal, over.signal)
    const resize = (size: Size) => void containers.resize(id, size).catch(() => undefined)
    if (order.tty) resize(order.size)
    terminal.onResize(resize)
    await copyOutput(stream, order.tty, terminal)
    return await containers.wait(id)
  } finally {
    over.abort()
    await containers.remove(id)
  }
}

/** Stops the container as soon as nobody is at the other end, or somebody cancels; until the run is over by itself. */
function stopWhen({ store, engine }: Parts, id: string, operation: OperationRow, gone: AbortSignal, over: AbortSignal) {
  const stop = () => {
    if (!over.aborted) engine.containers.stop(id, 1).catch((error) => log.warn({ error, container: id }, 'not stopped'))
  }
  const look = async () => {
    const now = await store.read((tx) => operationById(tx, operation.id)).catch(() => undefined)
    if (now?.cancel_by) stop()
  }
  const unsubscribe = store.onChange(['operations'], () => void look())
  over.addEventListener('abort', unsubscribe, { once: true })
  gone.addEventListener('abort', stop, { once: true })
  if (gone.aborted) stop()
  void look()
}

/** A terminal's input ends with ^D: closing the stream would end its output as well. */
async function* endedByHand(input: AsyncIterable<Uint8Array>) {
  yield* input
  yield Buffer.of(4)
}

async function copyOutput(stream: Duplex, tty: boolean, terminal: Terminal) {
  const frames = new FrameReader()
  for await (const chunk of stream) {
    const bytes = chunk as Buffer
    if (tty) await terminal.output('out', bytes)
    else
      for (const frame of frames.push(bytes)) await terminal.output(frame.stream === 'err' ? 'err' : 'out', frame.data)
  }
}
