/** Every way Berth says no. A code never changes its meaning; docs/errors.md is compared with this list by a test. */
export const refusals = {
  // input
  INVALID: (field: string, reason: string) => `${field}: ${reason}`,
  // who
  UNAUTHENTICATED: () => 'no valid credentials: run "berth login", or set BERTH_URL and BERTH_TOKEN',
  FORBIDDEN: (deed: string) => `you may not ${deed}`,
  BAD_SIGNATURE: () => 'the signature does not fit the secret of this hook',
  TOO_MANY_ATTEMPTS: (seconds: number) => `too many failed attempts; try again in ${seconds} s`,
  // things
  NOT_FOUND: (kind: string, name: string) => `no ${kind} "${name}" (or you may not see it)`,
  NAME_TAKEN: (kind: string, name: string) => `${kind} "${name}" already exists; choose another name`,
  DOMAIN_TAKEN: (domain: string) => `${domain} already belongs to another app`,
  CONFIRM_NEEDED: (name: string) => `to do this, confirm with the exact name "${name}"`,
  NOTHING_DEPLOYED: (app: string) => `${app} has no release yet; deploy it first, for example with git push`,
  STATE: (what: string, action: string, state: string, allowed: string) =>
    `cannot ${action} ${what}: it is ${state}, and must be ${allowed}`,
  TOO_LARGE: (what: string, limit: string) => `${what} is larger than the limit of ${limit}`,
  // builds and definitions
  DEFINITION: (file: string, line: number, column: number, reason: string) => `${file}:${line}:${column}: ${reason}`,
  NO_RECIPE: (looked: string) =>
    `cannot tell how to build this: found none of ${looked}. Add one of them, or a Dockerfile`,
  SOURCE: (reason: string) => `the source was refused: ${reason}`,
  FETCH_FAILED: (what: string, reason: string) => `cannot fetch ${what}: ${reason}`,
  BUILD_FAILED: (step: string, reason: string) => `build failed at ${step}: ${reason}`,
  DISK_LOW: (what: string, free: string, path: string, least: string) =>
    `${what}: ${free} are free on the disk of ${path}, and ${least} have to stay free; make room there, or ask who runs this machine to`,
  BUILD_TIMEOUT: (seconds: number) => `the build took longer than ${seconds} s and was stopped`,
  STEP_TIMEOUT: (what: string, seconds: number) => `${what} took longer than ${seconds} s and was stopped`,
  SOURCE_GONE: (build: string) => `the source of ${build} is no longer kept; deploy that commit again`,
  // releases
  RELEASE_COMMAND_FAILED: (reason: string) => `the release command failed: ${reason}`,
  POSTDEPLOY_FAILED: (version: string, reason: string) =>
    `${version} is live, but its postdeploy command failed: ${reason}`,
  NOT_HEALTHY: (process: string, reason: string) => `${process} did not become healthy: ${reason}`,
  COMMAND_FAILED: (code: number) => `the command exited with code ${code}`,
  SUPERSEDED: (by: string) => `superseded by a newer deploy (${by}) before it started`,
  CANCELLED: (by: string) => `cancelled by ${by}`,
  INTERRUPTED: (reason: string) => `interrupted: ${reason}`,
  IMAGE_GONE: (version: string, build?: string) =>
    `the image of ${version} is no longer on this machine; ${build ? `try berth build retry ${build}, or ` : ''}deploy that commit again`,
  // platform
  UNAVAILABLE: (what: string, reason: string) => `${what} is not available: ${reason}`,
  UNEXPECTED: (reference: string) => `something broke on our side; look for ${reference} in the server's log`,
} as const

export type Code = keyof typeof refusals

export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly code: Code
  constructor(code: Code, message: string) {
    super(message)
    this.code = code
  }
}

export function refusal<C extends Code>(code: C, ...details: Parameters<(typeof refusals)[C]>): Refusal {
  const text = refusals[code] as (...details: unknown[]) => string
  return new Refusal(code, text(...details))
}

export function refuse<C extends Code>(code: C, ...details: Parameters<(typeof refusals)[C]>): never {
  throw refusal(code, ...details)
}
