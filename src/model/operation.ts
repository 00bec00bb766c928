import type { Code } from './refusal.ts'
import type { Scale } from './release.ts'
import type { Source } from './source.ts'
import type { Scope } from './variables.ts'

/** What is asked for, by kind. Sealed values are opened only where they are used. */
export type OperationInput =
  | {
      readonly kind: 'deploy'
      readonly source: Source
      readonly commit: string | null
      /** First line of the commit's message, or what the uploader said. */
      readonly message: string
      /** Who wrote the commit. */
      readonly author?: string
      /** Subjects of the commits since the build before. */
      readonly changelog?: readonly string[]
    }
  | {
      readonly kind: 'env'
      readonly set: Readonly<Record<string, string>>
      /** Who sees those that are set; containers where nothing is said. */
      readonly scopes?: Readonly<Record<string, Scope>>
      readonly unset: readonly string[]
    }
  | { readonly kind: 'rollback'; readonly to: number }
  | {
      readonly kind: 'release'
      /** Number of a build that is kept. */
      readonly build: number
      /** Number of the release whose variables are taken; null for those of now. */
      readonly envFrom: number | null
    }
  | { readonly kind: 'restart'; readonly processes: readonly string[] }
  | { readonly kind: 'scale'; readonly scales: Readonly<Record<string, Partial<Scale>>> }
  | { readonly kind: 'destroy' }
  | {
      readonly kind: 'run'
      readonly command: readonly string[]
      readonly tty: boolean
      readonly attached: boolean
    }

export type OperationKind = OperationInput['kind']

/** Where an operation of the release path is. It only ever moves down this list. */
export const phases = ['queued', 'building', 'releasing', 'gating', 'swapping', 'finishing', 'done'] as const
export type Phase = (typeof phases)[number]

export type OperationState = 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled' | 'superseded'

export const isOver = (state: OperationState) => state !== 'queued' && state !== 'running'

export type Outcome = { readonly code: Code; readonly message: string }

/** Past the swap there is nothing to cancel: the new release serves. */
export const cancellable: readonly Phase[] = ['queued', 'building', 'releasing', 'gating']
