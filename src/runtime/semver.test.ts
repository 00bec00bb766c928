import assert from 'node:assert/strict'
import { test } from 'node:test'
import { admitted, satisfying } from './semver.ts'

const versions = [
  '0.2.3',
  '0.2.9',
  '0.3.0',
  '18.20.4',
  '20.1.0',
  '20.17.0',
  '22.9.0',
  '24.0.0',
  '24.2.1',
  '25.1.0',
  '25.0.0-rc.1',
]

const cases: [range: string, newest: string | undefined][] = [
  ['*', '25.1.0'],
  ['', '25.1.0'],
  ['x', '25.1.0'],
  ['24', '24.2.1'],
  ['24.x', '24.2.1'],
  ['24.0', '24.0.0'],
  ['v20.17.0', '20.17.0'],
  ['=20.1.0', '20.1.0'],
  ['^20.1.0', '20.17.0'],
  ['~20.1', '20.1.0'],
  ['~20', '20.17.0'],
  ['^0.2.3', '0.2.9'],
  ['^0.2', '0.2.9'],
  ['>=24', '25.1.0'],
  ['>= 20 < 24', '22.9.0'],
  ['>=20 <=22', '22.9.0'],
  ['>24', '25.1.0'],
  ['<20', '18.20.4'],
  ['18 - 22', '22.9.0'],
  ['18 || 20', '20.17.0'],
  ['^18.0.0 || >=24.0.0 <25', '24.2.1'],
  ['26', undefined],
  ['lts/*', undefined],
  ['file:/etc/passwd', undefined],
  ['>=20 nonsense', undefined],
]

for (const [range, newest] of cases) {
  test(`${JSON.stringify(range)} is ${newest ?? 'nothing'}`, () => assert.equal(satisfying(versions, range)[0], newest))
}

const packaged: [range: string, newest: string | undefined, tilde?: 'minor'][] = [
  ['3', '3.11'],
  ['3.11', '3.11'],
  ['3.11.4', undefined],
  ['>=3.11.4', '3.11'],
  ['>=3.9,<4', '3.11'],
  ['>=3.9,!=3.11.*', '3.10'],
  ['==3.10.*', '3.10'],
  ['===3.10', '3.10'],
  ['^3.9|^4.0', '3.11'],
  ['~3.9', undefined],
  ['~3.9', '3.11', 'minor'],
  ['~=3.9', '3.11', 'minor'],
  ['~> 3.10.1', '3.10', 'minor'],
  ['"~> 3.1", "< 3.11"', '3.10', 'minor'],
  ['3.12', undefined],
  ['>=3.12', undefined],
  ['^3.9@stable', '3.11'],
]

for (const [range, newest, tilde] of packaged) {
  test(`of 3.10 and 3.11, ${range} admits ${newest ?? 'nothing'}`, () =>
    assert.equal(admitted(['3.10', '3.11'], range, tilde), newest))
}
