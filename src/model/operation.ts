import type { Code } from './refusal.ts'

export const operationKinds = ['deploy', 'env', 'rollback', 'restart', 'scale', 'destroy', 'run'] as const
export type OperationKind = (typeof operationKinds)[number]

/** Where an operation of the release path is. It only ever moves down this list. */
export const phases = ['queued', 'building', 'releasing', 'starting', 'gating', 'swapping', 'draining', 'done'] as const
export type Phase = (typeof phases)[number]

export type OperationState = 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled' | 'superseded'

export const isOver = (state: OperationState) => state !== 'queued' && state !== 'running'

export type Outcome = { readonly code: Code; readonly message: string }

/** Past the swap there is nothing to cancel: the new release serves. */
export const cancellable: readonly Phase[] = ['queued', 'building', 'releasing', 'starting', 'gating']
