import { gzipSync } from 'node:zlib'
import { encodeHeader, padding, tarEnd } from '../../src/lib/tarHeader.ts'

/** A gem of one file, as `gem build` makes it: a tar file of a description and a tar file, each compressed. */
export function gemOf(name: string, version: string, code: string): Buffer {
  const metadata = `--- !ruby/object:Gem::Specification
name: ${name}
version: !ruby/object:Gem::Version
  version: ${version}
platform: ruby
authors: [test]
bindir: bin
dependencies: []
summary: For a test
files: [lib/${name}.rb]
require_paths: [lib]
required_ruby_version: !ruby/object:Gem::Requirement
  requirements:
  - - ">="
    - !ruby/object:Gem::Version
      version: '0'
required_rubygems_version: !ruby/object:Gem::Requirement
  requirements:
  - - ">="
    - !ruby/object:Gem::Version
      version: '0'
specification_version: 4
`
  const data = tarOf({ [`lib/${name}.rb`]: Buffer.from(code) })
  return tarOf({ 'metadata.gz': gzipSync(metadata), 'data.tar.gz': gzipSync(data) })
}

const tarOf = (files: Readonly<Record<string, Buffer>>) =>
  Buffer.concat([
    ...Object.entries(files).flatMap(([path, content]) => [
      encodeHeader({ path, type: '0', mode: 0o644, size: content.length }),
      content,
      padding(content.length),
    ]),
    tarEnd,
  ])
