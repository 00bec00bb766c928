export type BuildState = 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled' | 'superseded'

export const isBuildOver = (state: BuildState) => state !== 'queued' && state !== 'running'

export const buildName = (number: number) => `b${number}`

/** One step of a build, as its record and its timing table tell it. */
export type BuildStep = { readonly title: string; readonly ms: number; readonly cached?: boolean }

/** A build that a dead server has left is begun again, but not for ever: it may be what kills the server. */
export const mostAttempts = 3
