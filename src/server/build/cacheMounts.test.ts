import assert from 'node:assert/strict'
import { test } from 'node:test'
import { withOwnCaches } from './cacheMounts.ts'

const own: [says: string, before: string, after: string][] = [
  ['a name', 'RUN --mount=type=cache,id=npm,target=/c x', 'RUN --mount=type=cache,id=P/npm,target=/c x'],
  [
    'no name',
    'RUN --mount=type=cache,target=/root/.npm x',
    'RUN --mount=type=cache,target=/root/.npm,id=P//root/.npm x',
  ],
  [
    'a name with another app in it',
    'RUN --mount=id=berth/t/other/npm,type=cache,dst=/c x',
    'RUN --mount=id=P/berth/t/other/npm,type=cache,dst=/c x',
  ],
  ['capitals', 'run --MOUNT=TYPE=Cache,ID=a,Target=/c x', 'run --mount=TYPE=Cache,id=P/a,Target=/c x'],
  [
    'several flags on several lines',
    'RUN --mount=type=cache,id=a,target=/a \\\n  --mount=type=cache,id=b,target=/b \\\n  x',
    'RUN --mount=type=cache,id=P/a,target=/a \\\n  --mount=type=cache,id=P/b,target=/b \\\n  x',
  ],
  [
    'an inherited RUN',
    'ONBUILD RUN --mount=type=cache,id=a,target=/c x',
    'ONBUILD RUN --mount=type=cache,id=P/a,target=/c x',
  ],
  [
    'one inside a here-document, which old engines do not know',
    'RUN <<E\nRUN --mount=type=cache,id=a,target=/c x\nE',
    'RUN <<E\nRUN --mount=type=cache,id=P/a,target=/c x\nE',
  ],
  ['a variable in the name', 'RUN --mount=type=cache,id=$X,target=/c x', 'RUN --mount=type=cache,id=P/$X,target=/c x'],
  [
    'other kinds, which are left alone',
    'RUN --mount=type=secret,id=a --mount=type=bind,target=/c x',
    'RUN --mount=type=secret,id=a --mount=type=bind,target=/c x',
  ],
]

for (const [says, before, after] of own) {
  test(`gives caches names of the app's own: ${says}`, () => assert.equal(withOwnCaches(before, 'P'), after))
}

const refused: [says: string, text: string][] = [
  ['quotes', 'RUN --mount="type=cache,id=a,target=/c" x'],
  ['quotes in the flag itself', 'RUN --mo"unt"=type=cache,id=a,target=/c x'],
  ['escapes', 'RUN --mount=type=cac\\he,id=a,target=/c x'],
  ['a flag over two lines', 'RUN --mo\\\nunt=type=cache,id=a,target=/c x'],
  ['a type over two lines, with a comment between', 'RUN --mount=type=ca\\\n# comment\nche,id=a,target=/c x'],
  ['a flag over two lines with the other escape character', '# escape=`\nRUN --mount=type=ca`\nche,id=a,target=/c x'],
  ['a variable as the type', 'RUN --mount=type=$T,id=a,target=/c x'],
  ['a blank that only the Engine knows', 'RUN --mount=type=bind,target=/x\u0085--mount=type=cache,id=a,target=/c x'],
  ['a blank that the Engine does not know', 'RUN --mount=target=/a\ufeffb,type=cache,id=a x'],
  ['a blank of the Engine before it', '\u0085RUN --mount=type="cache",id=a,target=/c x'],
  ['a line separator behind it', 'RUN --mount=type="cache",id=a,target=/c x\u2028y'],
  ['a carriage return behind it', 'RUN --mount=type="cache",id=a,target=/c x\ry'],
  ['a comment before it that seems to go on', 'RUN true #`\n# \\\nRUN --mount=type="cache",id=a,target=/c x'],
  ['a comment inside it with a line separator', 'RUN --mount=type=ca\\\n# \u2028\nche,id=a,target=/c x'],
  ['a line before it that seems to go on', 'RUN true #`\nRUN true \\\u00a0\nRUN --mount=type="cache",id=a,target=/c x'],
]

for (const [says, text] of refused) {
  test(`refuses a flag with ${says}`, () => assert.throws(() => withOwnCaches(text, 'P'), { code: 'SOURCE' }))
}

test('quotes behind the flags are no concern', () => {
  const text = 'RUN --mount=type=bind,target=/c echo "a" --mount="x" && y \\\n  z'
  assert.equal(withOwnCaches(text, 'P'), text)
})
