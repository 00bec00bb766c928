import assert from 'node:assert/strict'
import { test } from 'node:test'
import { declaredArguments, withHostSettings } from './dockerfile.ts'

const host = {
  files: [{ id: 'ca', name: 'ca.crt', content: 'x' }],
  variables: { CA: '/dev/berth/ca.crt' },
  proxies: {},
}
const seen = 'RUN --mount=type=secret,id=ca,target=/dev/berth/ca.crt,mode=0444'
const arg = 'ARG CA=/dev/berth/ca.crt'

const cases: [says: string, before: string[], after: string[]][] = [
  ['a RUN', ['FROM a', 'RUN b'], ['FROM a', arg, `${seen} b`]],
  ['several RUN of a stage', ['FROM a', 'RUN b', 'RUN c'], ['FROM a', arg, `${seen} b`, `${seen} c`]],
  [
    'each stage',
    ['FROM a', 'RUN b', 'FROM c', 'run d'],
    ['FROM a', arg, `${seen} b`, 'FROM c', arg, `${seen.replace('RUN', 'run')} d`],
  ],
  ['no stage without RUN', ['FROM a', 'COPY . .'], ['FROM a', 'COPY . .']],
  ['exec form', ['FROM a', 'RUN ["b", "c"]'], ['FROM a', arg, `${seen} ["b", "c"]`]],
  [
    'flags that are there',
    ['FROM a', 'RUN --mount=type=cache,target=/c b'],
    ['FROM a', arg, `${seen} --mount=type=cache,target=/c b`],
  ],
  ['indented instructions', ['FROM a', '  RUN b'], ['FROM a', arg, `  ${seen} b`]],
  [
    'continuations that look like instructions',
    ['FROM a', 'RUN b \\', '  && c \\', 'RUN d'],
    ['FROM a', arg, `${seen} b \\`, '  && c \\', 'RUN d'],
  ],
  ['a continued RUN with nothing on its line', ['FROM a', 'RUN \\', '  b'], ['FROM a', arg, `${seen} \\`, '  b']],
  [
    'comments and blank lines inside a continuation',
    ['FROM a', 'RUN b \\', '# RUN no', '', '  c', 'RUN d'],
    ['FROM a', arg, `${seen} b \\`, '# RUN no', '', '  c', `${seen} d`],
  ],
  ['comments', ['FROM a', '# RUN no'], ['FROM a', '# RUN no']],
  [
    'another escape character',
    ['# escape=`', 'FROM a', 'RUN b `', 'RUN c', 'RUN d \\'],
    ['# escape=`', 'FROM a', arg, `${seen} b \``, 'RUN c', `${seen} d \\`],
  ],
  [
    'a here-document of RUN',
    ['FROM a', 'RUN <<EOF', 'RUN no', 'EOF', 'RUN c'],
    ['FROM a', arg, `${seen} <<EOF`, 'RUN no', 'EOF', `${seen} c`],
  ],
  [
    'a here-document of COPY',
    ['FROM a', "COPY <<-'E' /x", 'RUN no', '\tE', 'RUN c'],
    ['FROM a', "COPY <<-'E' /x", 'RUN no', '\tE', arg, `${seen} c`],
  ],
  [
    'words that only start like it',
    ['FROM a', 'RUNNER b', 'LABEL x="RUN y"'],
    ['FROM a', 'RUNNER b', 'LABEL x="RUN y"'],
  ],
  ['ONBUILD, which another build runs', ['FROM a', 'ONBUILD RUN b'], ['FROM a', 'ONBUILD RUN b']],
  [
    'Windows line ends',
    ['FROM a\r', 'RUN b \\\r', '  c\r', 'RUN d\r'],
    ['FROM a\r', arg, `${seen} b \\\r`, '  c\r', `${seen} d\r`],
  ],
  ['a frontend of its own', ['# syntax=docker/dockerfile:1', 'FROM a', 'RUN b'], ['#', 'FROM a', arg, `${seen} b`]],
]

for (const [says, before, after] of cases) {
  test(`gives the host's settings to ${says}`, () => {
    assert.deepEqual(withHostSettings(before.join('\n'), host).text.split('\n'), after)
  })
}

test('leaves everything alone where the host has no settings', () => {
  const nothing = { files: [], variables: {}, proxies: {} }
  assert.equal(withHostSettings('FROM a\nRUN b\n', nothing).text, 'FROM a\nRUN b\n')
})

for (const start of ['// syntax=evil/frontend', '{"syntax": "evil/frontend"}', '#!/bin/x\n// syntax=evil/frontend']) {
  test(`refuses a frontend chosen by ${JSON.stringify(start)}`, () => {
    assert.throws(() => withHostSettings(`${start}\nFROM a`, host), { code: 'SOURCE' })
  })
}

test('takes out every choice of a frontend', () => {
  const { text } = withHostSettings('\uFEFF#!/bin/x\n# syntax=a\n#syntax = b\nFROM a', host)
  assert.equal(text, '#!/bin/x\n#\n#\nFROM a')
})

test('says that another frontend is not used', () => {
  const { notes } = withHostSettings('#syntax = evil/frontend\nFROM a', host)
  assert.match(notes.join(), /evil\/frontend/)
})

test('a RUN that mounts a variable runs again when it has changed', () => {
  const nothing = { files: [], variables: {}, proxies: {} }
  const markOf = (names: readonly string[]) => names.filter((name) => name === 'TOKEN').join('')
  const secret = '--mount=type=secret,id=TOKEN'
  const before = [
    'FROM a',
    'RUN b',
    `RUN ${secret} c`,
    'RUN \\',
    `  --mount=id=TOKEN,type=secret d`,
    'RUN e',
    `COPY ${secret} x`,
  ]
  const mark = 'ARG BERTH_ENV=TOKEN'
  const after = [...before.slice(0, 2), mark, before[2], mark, ...before.slice(3)]
  assert.deepEqual(withHostSettings(before.join('\n'), nothing, markOf).text.split('\n'), after)
})

test('tells the build arguments that are declared', () => {
  const text = 'ARG A\nFROM x\nARG B=1 C\narg D=$A\n# ARG E\nRUN ARG F \\\n ARG G\n'
  assert.deepEqual(declaredArguments(text), ['A', 'B', 'C', 'D'])
})
