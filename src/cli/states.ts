import type { Cell } from './table.ts'

const colours = {
  green: ['running', 'live', 'succeeded', 'healthy', 'enabled', 'done'],
  yellow: ['deploying', 'starting', 'queued', 'waiting', 'draining', 'degraded', 'destroying', 'waiting'],
  red: ['failed', 'unhealthy', 'exited', 'disabled'],
  dim: ['superseded', 'stopped', 'new', 'cancelled', 'skipped'],
} as const

/** A word for a state in the colour that it has everywhere. */
export function stateCell(state: string): Cell {
  for (const colour of ['green', 'yellow', 'red', 'dim'] as const) {
    const states: readonly string[] = colours[colour]
    if (states.includes(state)) return { text: state, colour }
  }
  return state
}
