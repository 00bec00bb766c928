/** Chains of the packet filter that keep build steps from this machine, and where they are jumped to from. */
export const buildWall = {
  forwarded: { from: 'DOCKER-USER', to: 'BERTH-BUILD-OUT' },
  local: { from: 'INPUT', to: 'BERTH-BUILD-HOST' },
} as const
