import type { Definition } from '../model/definition/declared.ts'
import { hooksOf, isHookPath } from '../model/definition/upscale/hooks.ts'
import type { Files } from './files.ts'

/** A command of the repository that root runs in /app while the image is made. */
export type RootStep = { readonly title: string; readonly argv: readonly string[]; readonly root: true }

/** What Upscale did to each new container, in the order in which it did it. */
export type UpscaleSteps = {
  readonly files: Readonly<Record<string, string>>
  readonly before: readonly RootStep[]
  readonly after: readonly RootStep[]
}

export function upscaleSteps(files: Files, { upscale, build }: Definition): UpscaleSteps {
  const hooks = hooksOf(files.files, files.paths)
  const env = [`UPSCALE_ROOT=/app`, `UPSCALE_STATIC_ROOT=${staticRoot(files, build.documentRoot)}`]
  const install = (upscale?.install ?? []).map(({ by, script }) =>
    rootStep(`Running "install" of ${by}`, env, ['/bin/sh', '-e', '-c', script]),
  )
  return {
    files: upscale?.files ?? {},
    before: hooks.before.map((path) => hook(path, env)),
    after: [...install, ...hooks.after.map((path) => hook(path, env))],
  }
}

export const hasUpscale = ({ upscale }: Definition, files: Files) =>
  upscale !== undefined ||
  files.files.some((path) => isHookPath(path) && /^[^/]+\/(?:build$|(?:pre|post)-build\.d\/)/.test(path))

const hook = (path: string, env: readonly string[]) =>
  rootStep(path, env, ['/bin/sh', '-c', 'chmod +x "$1" && exec "$1"', 'hook', `./${path}`])

/** What root leaves in /app belongs to the app, as all of it does. */
const owned = '"$@"; status=$?; find /app -xdev -user root -exec chown -h 1000:1000 {} +; exit $status'

const rootStep = (title: string, env: readonly string[], argv: readonly string[]): RootStep => ({
  title,
  argv: ['/usr/bin/env', ...env, '/bin/sh', '-c', owned, 'step', ...argv],
  root: true,
})

/** The folder to serve, else the first one that is called as if it were, else all. */
function staticRoot({ paths }: Files, documentRoot: string | undefined): string {
  const named = documentRoot ?? ['static', 'public_html'].find((folder) => paths.has(folder))
  return named && named !== '.' ? `/app/${named}` : '/app'
}
