import type { BuildLimits } from './build.ts'

export function withBuildLimits<T>(_limits: BuildLimits, work: () => Promise<T>): Promise<T> {
  return work()
}
