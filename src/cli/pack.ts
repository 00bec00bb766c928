import { access, lstat, mkdtemp, readdir, readlink, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, sep } from 'node:path'
import { pipeline, Readable } from 'node:stream'
import { createGzip } from 'node:zlib'
import { output } from '../lib/exec.ts'
import { type TarEntry, tar } from '../lib/tar.ts'
import { refuse } from '../model/refusal.ts'
import { isIgnored, isWorkTree } from './remote.ts'

const ignoreFile = '.berthignore'

/** A gzipped tar of what a folder would deploy. Links stay links; nothing outside the folder is read. */
export async function pack(folder: string): Promise<Readable> {
  const root = await folderAt(folder)
  const paths = await pathsIn(root)
  if (paths.length === 0) refuse('SOURCE', `${folder} has no files to deploy`)
  const gzip = createGzip()
  pipeline(Readable.from(tar(entriesOf(root, paths))), gzip, () => undefined)
  return gzip
}

export async function folderAt(path: string): Promise<string> {
  const root = await realpath(path).catch(() => refuse('INVALID', path, 'no such folder'))
  return (await lstat(root)).isDirectory() ? root : refuse('INVALID', path, 'is no folder')
}

/** In a git work tree what git sees and does not ignore; elsewhere all files. `.berthignore` leaves out more. */
export async function pathsIn(root: string): Promise<string[]> {
  const excludes = (await exists(join(root, ignoreFile))) ? [`--exclude-from=${join(root, ignoreFile)}`] : []
  if (!(await isWorkTree(root)) || (await isIgnored(root)))
    return excludes.length > 0 ? notIgnored(root, excludes) : walk(root, '')
  const seen = await list(root, ['-co', '--exclude-standard', ...excludes])
  const left = new Set(excludes.length > 0 ? await list(root, ['-ci', ...excludes]) : [])
  const kept = [...new Set(seen)].filter((path) => !left.has(path))
  return (await Promise.all(kept.map((path) => expand(root, path)))).flat()
}

/** The rules of ignore files are git's; a repository of a moment lets git apply them to any folder. */
async function notIgnored(root: string, excludes: readonly string[]): Promise<string[]> {
  const repository = await mkdtemp(join(tmpdir(), 'berth-pack-'))
  try {
    await output(['git', 'init', '-q', '--bare', repository])
    return await list(root, ['-o', ...excludes], [`--git-dir=${repository}`, `--work-tree=${root}`])
  } finally {
    await rm(repository, { recursive: true, force: true })
  }
}

async function list(root: string, args: readonly string[], where: readonly string[] = []): Promise<string[]> {
  const text = await output(['git', ...where, 'ls-files', '-z', ...args], { cwd: root, keep: Infinity })
  return text.split('\0').filter(Boolean)
}

/** Submodules and repositories inside this one are listed as folders. */
async function expand(root: string, path: string): Promise<string[]> {
  const stats = await lstat(join(root, path)).catch(() => undefined)
  if (!stats) return []
  return stats.isDirectory() ? walk(root, path.replace(/\/$/, '')) : [path]
}

async function walk(root: string, folder: string): Promise<string[]> {
  const entries = await readdir(join(root, folder), { withFileTypes: true })
  const nested = entries
    .filter(({ name }) => name !== '.git')
    .map((entry) => {
      const path = folder ? `${folder}/${entry.name}` : entry.name
      return entry.isDirectory() ? walk(root, path) : [path]
    })
  return (await Promise.all(nested)).flat()
}

async function* entriesOf(root: string, paths: readonly string[]): AsyncGenerator<TarEntry> {
  const inside = new Map<string, boolean>()
  for (const path of [...paths].sort()) {
    const parent = dirname(join(root, path))
    if (!inside.has(parent)) inside.set(parent, isInside(root, await realpath(parent)))
    const entry = inside.get(parent) ? await entryOf(root, path) : undefined
    if (entry) yield entry
  }
}

/** A tracked folder may have been replaced by a link that leads out. */
const isInside = (root: string, path: string) => path === root || path.startsWith(root === sep ? sep : root + sep)

async function entryOf(root: string, path: string): Promise<TarEntry | undefined> {
  const source = join(root, path)
  const {
    size,
    mode,
    mtime: modifiedAt,
    ...stats
  } = await lstat(source).then((s) => ({
    size: s.size,
    mode: s.mode,
    mtime: s.mtime,
    file: s.isFile(),
    link: s.isSymbolicLink(),
  }))
  if (stats.link) return { kind: 'link', path, mode, modifiedAt, target: await readlink(source) }
  return stats.file ? { kind: 'file', path, mode, modifiedAt, size, source } : undefined
}

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  )
