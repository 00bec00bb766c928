import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { output, run } from '../lib/exec.ts'
import { refuse } from '../model/refusal.ts'

/** Refuses a folder that a first commit would mix with something. */
export async function mustBeEmpty(folder: string): Promise<void> {
  const [some] = (await readdir(folder)).filter((name) => name !== '.git')
  if (some !== undefined) refuse('INVALID', '--init', `this folder is not empty: it has ${some}; use a new one`)
  const { code } = await run([
    'git',
    '-C',
    folder,
    `--git-dir=${join(folder, '.git')}`,
    'rev-parse',
    '-q',
    '--verify',
    'HEAD',
  ])
  if (code === 0) refuse('INVALID', '--init', 'the repository in this folder has commits already; use a new folder')
}

/** Writes files into a folder, which becomes a git repository with them as its first commit. */
export async function firstCommit(folder: string, files: Readonly<Record<string, string>>, message: string) {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), text)
  }
  const git = (...args: string[]) => output(['git', '-C', folder, ...args])
  await git('init', '--quiet', '--initial-branch=main')
  await git('add', '--', ...Object.keys(files))
  await git(...(await author(folder)), 'commit', '--quiet', `--message=${message}`)
}

/** A machine on which nobody has told git who they are can make a first commit too. */
async function author(folder: string): Promise<string[]> {
  const { code } = await run(['git', '-C', folder, 'var', 'GIT_AUTHOR_IDENT'])
  return code === 0 ? [] : ['-c', 'user.name=Berth', '-c', 'user.email=berth@localhost']
}
