import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { output } from '../../src/lib/exec.ts'

/** Packages of the distribution, downloaded and unpacked over each other into a folder of its own. */
export async function unpackDebian(...names: readonly string[]) {
  const dir = await mkdtemp(join(tmpdir(), 'berth-debian-'))
  const root = join(dir, 'root')
  await mkdir(root)
  await output(['apt-get', 'download', ...names], { cwd: dir })
  const archives = (await readdir(dir)).filter((name) => name.endsWith('.deb'))
  for (const archive of archives) await output(['dpkg-deb', '-x', join(dir, archive), root])
  const archiveOf = (name: string) => join(dir, archives.find((archive) => archive.startsWith(`${name}_`)) ?? name)
  return {
    root,
    /** Copies a folder of the packages, with what its links point to in their place. */
    copyTo: async (path: string, target: string) => {
      await output(['cp', '--recursive', '--dereference', `${join(root, path)}/.`, target])
    },
    /** Which files of a package, below a folder, are not in `copy` as they were packaged. */
    changedIn: async (name: string, folder: string, copy: string) =>
      changed(await checksums(archiveOf(name), dir), folder, copy),
    [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }),
  }
}

type Upstream = { readonly name: string; readonly version: string; readonly sha256: string }

/** Unpacks a release of upstream, which the distribution's mirror keeps beside the package. */
export async function unpackUpstream({ name, version, sha256 }: Upstream, folder: string): Promise<void> {
  const [, uri = ''] = /'([^']+)'/.exec(await output(['apt-get', 'download', '--print-uris', name])) ?? []
  const url = new URL(`${name}_${version}.orig.tar.gz`, uri)
  const bytes = Buffer.from(await (await fetch(url)).arrayBuffer())
  const found = createHash('sha256').update(bytes).digest('hex')
  if (found !== sha256) throw new Error(`${url.href} has the checksum ${found}`)
  const archive = join(await mkdtemp(join(tmpdir(), 'berth-upstream-')), 'archive')
  await writeFile(archive, bytes)
  await output(['tar', '-C', folder, '--strip-components=1', '-xf', archive])
  await rm(dirname(archive), { recursive: true })
}

type Checksum = readonly [checksum: string, path: string]

async function checksums(archive: string, dir: string): Promise<Checksum[]> {
  const control = await mkdtemp(join(dir, 'control-'))
  await output(['dpkg-deb', '-e', archive, control])
  const lines = (await readFile(join(control, 'md5sums'), 'utf8')).trim().split('\n')
  return lines.map((line): Checksum => [line.slice(0, 32), line.slice(34)])
}

async function changed(all: readonly Checksum[], folder: string, copy: string): Promise<string[]> {
  const below = all.flatMap(([sum, path]): Checksum[] =>
    path.startsWith(`${folder}/`) ? [[sum, path.slice(folder.length + 1)]] : [],
  )
  if (below.length === 0) throw new Error(`the package has nothing in ${folder}`)
  const found = await Promise.all(below.map(async ([sum, path]) => (await md5(join(copy, path))) !== sum && path))
  return found.filter((path) => path !== false)
}

const md5 = async (path: string) =>
  createHash('md5')
    .update(await readFile(path).catch(() => 'gone'))
    .digest('hex')
