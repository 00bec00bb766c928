/** What became of one app of an upgrade: its new build on the stack of now, or why there is none. */
export type UpgradedState = 'waiting' | 'running' | 'succeeded' | 'failed' | 'cancelled' | 'skipped'

export const isUpgraded = (state: UpgradedState) => state !== 'waiting' && state !== 'running'
