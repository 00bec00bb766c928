import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import test from 'node:test'

/** Programs are started from argument lists, and only in src/lib/exec.ts. */
const bans: readonly { readonly what: string; readonly pattern: RegExp }[] = [
  { what: 'exec, execSync, execFile: use src/lib/exec.ts', pattern: /(?<![.\w])exec(?:Sync|File|FileSync)?\(\s*['"`]/ },
  { what: 'shell: true', pattern: /\bshell:(?!\s*false)/ },
  {
    what: 'sh -c with interpolation',
    pattern:
      /['"](?:\/bin\/)?(?:ba|da)?sh['"]\s*,\s*['"]-\w*c['"]\s*,\s*(?:`[^`]*\$\{|[^\]\n]*['"`]\s*\+|[^\]\n]*\+\s*['"`])/,
  },
  { what: 'eval', pattern: /\beval\(|new Function\(/ },
]

const onlyIn = 'src/lib/exec.ts'
const files = globSync('{src,test,bench,tools}/**/*.ts').filter((file) => !file.endsWith('tools/shell.test.ts'))

for (const { what, pattern } of bans) {
  test(`nobody uses ${what}`, () => {
    const offenders = files.filter((file) => pattern.test(withoutComments(readFileSync(file, 'utf8'))))
    assert.deepEqual(offenders, [])
  })
}

test(`child processes are started only in ${onlyIn}`, () => {
  const offenders = files.filter(
    (file) =>
      file !== onlyIn &&
      /from ['"]node:child_process['"]/.test(readFileSync(file, 'utf8').replace(/^import type.*$/gm, '')),
  )
  assert.deepEqual(offenders, [])
})

const withoutComments = (text: string) => text.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '')
