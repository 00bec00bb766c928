import { join } from 'node:path'
import { isAway } from '../../engine/api.ts'
import { log } from '../../lib/log.ts'
import { Refusal } from '../../model/refusal.ts'
import { stackOf } from '../../stack/images.ts'
import { makeStack } from '../../stack/make.ts'
import type { Making } from '../../stack/making.ts'
import type { Stack } from '../../stack/schema.ts'
import { isOld, type StackProgress, type StackState } from '../../stack/state.ts'
import { newOperationId } from '../store/operations.ts'
import { beginStack, interruptedStacks, stackFailed, stackMade, stacksOfApps } from '../store/stacks.ts'
import { removeOldStacks } from './old.ts'
import { type StackPlace, stackStates } from './state.ts'

export type StackParts = StackPlace & {
  readonly cluster: string
  readonly docker: Making['docker']
  readonly cacheDir: string
  readonly env: NodeJS.ProcessEnv
  readonly memoryMb: number
  readonly pids: number
  /** Whether what is too old is made anew without being asked for. */
  readonly renew: boolean
  /** Throws DISK_LOW when nothing more should come to this machine. */
  readonly needRoom: (what: string) => Promise<void>
  readonly operationLogs: { append(id: string, line: string): Promise<void>; finish(id: string): Promise<void> }
}

/** Makes the stacks that are wanted, missing or too old, one after the other. Builds go on with the images that are there. */
export function stackRenewal(parts: StackParts) {
  let first = true
  return {
    name: 'stacks',
    topics: ['stacks'] as const,
    everyMs: 60_000,
    async pass(signal: AbortSignal) {
      if (first) await parts.store.write([], interruptedStacks)
      first = false
      for (let due = await nextDue(parts); due && !signal.aborted; due = await nextDue(parts)) {
        await renew(parts, due, signal)
      }
      if (!signal.aborted) await removeOldStacks(parts)
    },
  }
}

type Due = { readonly stack: Stack; readonly row: StackProgress | undefined }

/** Those that somebody has asked for come first. */
async function nextDue(parts: StackParts): Promise<Due | undefined> {
  const states = await stackStates(parts)
  const used = await parts.store.read(stacksOfApps)
  const name = stackOf(parts.defaultImage)
  const isUsed = (state: StackState) => used.has(state.name) || state.name === name
  const due = states.filter(
    (state) => state.file && (state.progress?.wanted_by || isDue(state, isUsed(state), parts.renew)),
  )
  const [next] = due.toSorted((a, b) => Number(Boolean(b.progress?.wanted_by)) - Number(Boolean(a.progress?.wanted_by)))
  return next?.file && { stack: next.file.value, row: next.progress }
}

function isDue(state: StackState, isUsed: boolean, renew: boolean): boolean {
  if ((state.progress?.next_at ?? '') > new Date().toISOString()) return false
  return state.image ? renew && isOld(state) : isUsed
}

async function renew(parts: StackParts, { stack, row }: Due, signal: AbortSignal): Promise<void> {
  const { store, operationLogs } = parts
  const { name } = stack
  const id = (row?.wanted_by && row.log) || newOperationId()
  let said: Promise<unknown> = Promise.resolve()
  const say = (line: string) => {
    said = operationLogs.append(id, line).catch((error) => log.warn({ error, stack: name }, 'a line is lost'))
  }
  await store.write('stacks', (tx) => beginStack(tx, name, id))
  try {
    await parts.needRoom(`the stack ${name} is not made`)
    const image = await makeStack(stack, makingOf(parts, stack, { say, signal, background: !row?.wanted_by }))
    await store.write('stacks', (tx) => stackMade(tx, name))
    log.info({ stack: name, image }, 'stack made')
  } catch (error) {
    if (signal.aborted) return
    const reason = reasonOf(error)
    log.warn({ error, stack: name }, 'stack not made; what builds start from stays as it was')
    say(` !     ${reason}`)
    await store.write('stacks', (tx) => stackFailed(tx, name, reason))
  }
  await said
  await operationLogs.finish(id)
}

const makingOf = (
  { engine, docker, cluster, cacheDir, env, memoryMb, pids }: StackParts,
  { name }: Stack,
  how: Pick<Making, 'say' | 'signal' | 'background'>,
): Making => ({
  engine,
  docker,
  cluster,
  env,
  memoryMb,
  pids,
  scratch: join(cacheDir, 'stack', `${cluster}-${name}`),
  ...how,
})

function reasonOf(error: unknown): string {
  if (error instanceof Refusal) return error.message
  if (isAway(error)) return 'the Docker Engine does not answer'
  return error instanceof Error ? error.message : String(error)
}
