import { chmod, chown, copyFile, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { start } from '../../lib/exec.ts'
import { mutex } from '../../lib/mutex.ts'
import { refuse } from '../../model/refusal.ts'
import type { AppRow } from '../store/access.ts'
import { ended, type GitUser, git } from './gitProcess.ts'

export type Repository = { readonly app: string; readonly path: string }

export type Repositories = {
  /** Makes what is missing and puts right what differs: configuration, attributes, HEAD. */
  open(app: Pick<AppRow, 'id' | 'name' | 'deploy_branch'>): Promise<Repository>
  remove(name: string): Promise<void>
}

export type RepositoryOptions = {
  readonly dir: string
  readonly user: GitUser
  /** libexec/git-relay, which is also the hook. */
  readonly relay: string
  readonly maxPackBytes: number
}

export async function openRepositories(options: RepositoryOptions): Promise<Repositories> {
  const { dir } = options
  const hooks = join(dir, '.hooks')
  await installHook(options, hooks)
  const opening = mutex()
  return {
    open: (app) => opening(() => openRepository(options, hooks, app)),
    remove: (name) => opening(() => rm(join(dir, `${name}.git`), { recursive: true, force: true })),
  }
}

/** git passes over a hook that it may not run, and would take every push: so that has to be known at the start. */
async function installHook({ dir, user, relay }: RepositoryOptions, hooks: string) {
  await mkdir(hooks, { recursive: true })
  await chmod(hooks, 0o755)
  const hook = join(hooks, 'pre-receive')
  await copyFile(relay, `${hook}.next`)
  await chmod(`${hook}.next`, 0o755)
  await rename(`${hook}.next`, hook)
  await owned(dir, user)
  await mayRun(hook, user)
}

async function mayRun(hook: string, { name, uid, gid }: GitUser) {
  const asUser = process.getuid?.() === 0 && uid !== 0 ? { uid, gid } : {}
  const code = await ended(start(['test', '-x', hook], { stdio: 'ignore', cwd: '/', ...asUser }))
  if (code !== 0) {
    refuse(
      'UNAVAILABLE',
      'git',
      `the user ${name} cannot reach ${hook}; let others pass every folder above it (chmod o+x)`,
    )
  }
}

async function owned(path: string, { uid, gid }: GitUser) {
  if (process.getuid?.() === 0) await chown(path, uid, gid)
}

async function openRepository(options: RepositoryOptions, hooks: string, app: Parameters<Repositories['open']>[0]) {
  const path = join(options.dir, `${app.name}.git`)
  const found = await readFile(join(path, 'config'), 'utf8').catch(() => '')
  const wanted = configText(options, hooks, app.id)
  if (!found.includes(ownerLine(app.id))) await create(options, path)
  if (found !== wanted) await put(options, join(path, 'config'), wanted)
  await keep(options, join(path, 'info', 'attributes'), attributesText)
  await keep(options, join(path, 'HEAD'), `ref: refs/heads/${app.deploy_branch ?? 'main'}\n`)
  return { app: app.name, path }
}

/** What stands there belonged to an app of the same name that is gone. */
async function create({ user }: RepositoryOptions, path: string) {
  await rm(path, { recursive: true, force: true })
  await mkdir(path, { mode: 0o700 })
  await owned(path, user)
  await git(['init', '--quiet', '--bare', '--template=', '--initial-branch=main', path], { user })
  await mkdir(join(path, 'info'), { mode: 0o700 })
  await owned(join(path, 'info'), user)
}

async function keep(options: RepositoryOptions, path: string, text: string) {
  if ((await readFile(path, 'utf8').catch(() => undefined)) !== text) await put(options, path, text)
}

async function put({ user }: RepositoryOptions, path: string, text: string) {
  await writeFile(`${path}.next`, text, { mode: 0o600 })
  await owned(`${path}.next`, user)
  await rename(`${path}.next`, path)
}

const ownerLine = (appId: string) => `app = ${appId}\n`

/**
 * Old commits of imported histories are allowed what every large host allows them. Automatic garbage collection is off:
 * maintenance.ts runs it, one repository at a time.
 */
const configText = ({ maxPackBytes }: RepositoryOptions, hooks: string, appId: string) => `[core]
	repositoryformatversion = 0
	filemode = true
	bare = true
	hooksPath = ${hooks}
	bigFileThreshold = 64m
[receive]
	fsckObjects = true
	maxInputSize = ${maxPackBytes}
	shallowUpdate = true
	autogc = false
	keepAlive = 5
	advertisePushOptions = false
[receive "fsck"]
	badTimezone = ignore
	missingSpaceBeforeDate = ignore
	zeroPaddedFilemode = ignore
[transfer]
	fsckObjects = true
[gc]
	auto = 0
[pack]
	threads = 1
	windowMemory = 64m
[tar]
	umask = 0022
[berth]
	${ownerLine(appId)}`

/** Stronger than any .gitattributes of a tree: a source is its files, byte for byte. */
export const attributesText = '* !export-ignore !export-subst -text !eol !crlf !ident !filter !working-tree-encoding\n'
