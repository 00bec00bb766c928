import type { Broken, Named } from '../lib/ownFiles.ts'
import type { Stack } from './schema.ts'

/** How the making of a stack goes, as it is written down. */
export type StackProgress = {
  readonly wanted_by: string | null
  readonly log: string | null
  readonly failures: number
  readonly error: string | null
  readonly next_at: string | null
  readonly began_at: string | null
  readonly finished_at: string | null
}

export type StackState = {
  readonly name: string
  readonly isDefault: boolean
  /** Nothing where the default is an image of the operator that no file tells of, or the file is broken. */
  readonly file?: Named<Stack>
  readonly broken?: Broken
  readonly image?: { readonly id: string; readonly createdAt: string; readonly bytes: number }
  readonly progress?: StackProgress
}

/** Ids of the images of now, by the names of their stacks. */
export const currentImages = (states: readonly StackState[]): ReadonlyMap<string, string> =>
  new Map(states.flatMap(({ name, image }) => (image ? [[name, image.id]] : [])))

/** What one can say of a stack in a word. */
export type StackWord = 'ready' | 'old' | 'missing' | 'waiting' | 'making' | 'failed' | 'broken'

export function wordFor(state: StackState, at = Date.now()): StackWord {
  const { progress, image, broken } = state
  if (broken) return 'broken'
  if (progress?.began_at && !progress.finished_at) return 'making'
  if (progress?.wanted_by) return 'waiting'
  if (progress?.error) return 'failed'
  if (!image) return 'missing'
  return isOld(state, at) ? 'old' : 'ready'
}

/** Older than its file lets it be. */
export function isOld({ file, image }: StackState, at = Date.now()): boolean {
  const most = file?.value.maxAge
  return typeof most === 'number' && image !== undefined && at - Date.parse(image.createdAt) > most * 1_000
}
