/** How Berth decides that an instance may get requests. Snapshot in every release. */
export type HealthRule = {
  /** Path of an HTTP GET; any status below 500 passes when `path` is not declared, 200–399 when it is. */
  readonly path: string
  readonly declared: boolean
  /** How long one probe may take. */
  readonly timeoutMs: number
  /** From the start of an instance to its first passed probe. */
  readonly deadlineMs: number
  /** Process types without a route pass by having run this long. */
  readonly uptimeMs: number
}

export const defaultHealth: HealthRule = {
  path: '/',
  declared: false,
  timeoutMs: 5_000,
  deadlineMs: 60_000,
  uptimeMs: 2_000,
}
