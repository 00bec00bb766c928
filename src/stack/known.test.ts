import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { knownStack, readStack, stacksIn } from './known.ts'

let folder: string
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'berth-stacks-'))
})
after(() => rm(folder, { recursive: true }))

const plain = 'name: own\ntitle: Own\nbase: { suite: bookworm }\n'
const read = (more: string, text = plain) => readStack('own.yaml', text + more)

test('what a file leaves out has its usual value', () => {
  const { base, packages, commands, install, maxAge } = read('commands: [date]\n')
  assert.deepEqual(base, { suite: 'bookworm', seconds: 1_800 })
  assert.deepEqual([packages, maxAge], [[], 7 * 86_400])
  assert.match(install, /^apt-get update -qq && apt-get install .* "\$@"/)
  assert.deepEqual(commands, [{ run: 'date', seconds: 600, title: 'date' }])
})

test('ages are read in words', () => {
  const ages = ['30 minutes', '1 hour', '12 hours', '30 days', 'never'].map((age) => read(`maxAge: ${age}\n`).maxAge)
  assert.deepEqual(ages, [1_800, 3_600, 43_200, 2_592_000, null])
})

const faults: [says: string, text: string, message: RegExp][] = [
  ['nothing in it', '', /^own\.yaml:1:1: /],
  ['a mistyped key', `${plain}package: [git]\n`, /^own\.yaml:4:1: unknown key "package"; did you mean "packages"\?$/],
  ['no base', 'name: own\ntitle: Own\n', /^own\.yaml:1:1: base: must have either "suite" or "image"$/],
  ['two bases', plain.replace('bookworm', 'bookworm, image: debian'), /^own\.yaml:3:7: base: must have either/],
  ['a base of nothing', plain.replace('suite: bookworm', ''), /^own\.yaml:3:7: base: must have either/],
  [
    'a flag instead of a package',
    `${plain}packages: [--force]\n`,
    /^own\.yaml:4:12: packages\.0: must be the name of a/,
  ],
  ['an endless command', `${plain}commands: [{ run: date, seconds: 0 }]\n`, /^own\.yaml:4:12: commands\.0: must be a/],
  ['an age without a unit', `${plain}maxAge: 7\n`, /^own\.yaml:4:9: maxAge: expected string/],
  ['an age that is none', `${plain}maxAge: 0 days\n`, /^own\.yaml:4:9: maxAge: must be like "7 days", "12 hours"/],
  ['a tag', `${plain}env: !include x\n`, /^own\.yaml:4:6: the tag "!include" is not supported/],
  ['the name of another file', plain.replace('name: own', 'name: others'), /^own\.yaml:1:7: a stack called "others"/],
]
for (const [says, text, message] of faults) {
  test(`refused with its place: ${says}`, () => {
    assert.throws(() => readStack('own.yaml', text), { message })
  })
}

test("the operator's files win, and a broken one breaks nothing but its own stack", async () => {
  await writeFile(join(folder, 'bookworm.yaml'), plain.replace('name: own', 'name: bookworm'))
  await writeFile(join(folder, 'trixie.yaml'), 'name: trixie\n')
  const known = stacksIn(folder)
  assert.deepEqual(known.listed.map(({ value, origin }) => [value.name, origin]).toSorted(), [
    ['bookworm', 'own'],
    ['trixie', 'shipped'],
  ])
  assert.equal(knownStack('bookworm', known).title, 'Own')
  assert.throws(() => knownStack('trixie', known), /the stack "trixie" is not available: the operator has to mend/)
  assert.throws(() => knownStack('slink', known), /stack: there is no stack "slink"; there are .*bookworm/)
})
