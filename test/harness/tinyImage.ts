import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { output, run } from '../../src/lib/exec.ts'

const docker = '/usr/bin/docker'
const stack = 'berth/stack:bookworm'
const tiny = 'berth-test/tiny:bookworm'

/** An image that has a shell: the base stack where it is there, else one of nothing but a static busybox. */
export const imageWithShell = async (): Promise<string> => ((await isThere(stack)) ? stack : busyboxImage())

/** Small and quick to start, with a web server. */
export async function busyboxImage(): Promise<string> {
  if (await isThere(tiny)) return tiny
  const dir = await mkdtemp(join(tmpdir(), 'tiny-image-'))
  try {
    await importBusybox(dir)
  } finally {
    await rm(dir, { recursive: true })
  }
  return tiny
}

const isThere = async (name: string) => (await run([docker, 'image', 'inspect', name])).code === 0

async function importBusybox(dir: string) {
  const root = join(dir, 'root')
  await mkdir(root)
  await output(['apt-get', 'download', 'busybox-static'], { cwd: dir })
  const [packaged = ''] = (await readdir(dir)).filter((name) => name.endsWith('.deb'))
  await output(['dpkg-deb', '-x', join(dir, packaged), root])
  await output([join(root, 'bin/busybox'), '--install', '-s', join(root, 'bin')])
  // The links that --install makes are absolute, to where it ran.
  await output(['find', join(root, 'bin'), '-type', 'l', '-exec', 'ln', '-sfn', '/bin/busybox', '{}', ';'])
  await output(['tar', '-C', root, '-cf', join(dir, 'root.tar'), '.'])
  await output([docker, 'import', join(dir, 'root.tar'), tiny])
}
