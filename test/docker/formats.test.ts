import assert from 'node:assert/strict'
import test, { after, before } from 'node:test'
import { listInstances } from '../../src/contract/instances.ts'
import { startBerth, type TestBerth } from '../harness/berth.ts'
import { stack } from '../harness/builds.ts'
import { newRepository } from '../harness/repository.ts'
import { until } from '../harness/wait.ts'

let berth: TestBerth
before(async () => {
  berth = await startBerth()
})
after(() => berth[Symbol.asyncDispose]())

const program = `
use strict; use IO::Socket::INET; $| = 1;
$SIG{TERM} = sub { exit 0 };
my $mode = shift // 'nothing';
if ($mode eq 'migrate') { print "migrated once\\n"; exit 0 }
if ($mode eq 'work') { print "working as $ENV{ROLE}\\n"; sleep 1 while 1 }
my $server = IO::Socket::INET->new(LocalPort => 3000, Listen => 10, ReuseAddr => 1) or die $!;
while (my $client = $server->accept) {
    my ($path) = <$client> =~ / (\\S+) /;
    while (<$client>) { last if /^\\r?$/ }
    my $body = $path eq '/files' ? join(' ', map { s{/srv/}{}r } sort glob('/srv/{.[a-z]*,*}')) : "$ENV{GREETING} $ENV{SHARED} $ENV{ROLE} @ARGV";
    print $client "HTTP/1.0 200 OK\\r\\nContent-Length: " . length($body) . "\\r\\n\\r\\n$body";
    close $client;
}
`

const compose = `x-app: &app
  build:
    context: app
    dockerfile: ../docker/Dockerfile
    args: {GREETING: "\${GREETING:-hello}"}
  env_file: app/common.env
services:
  web:
    <<: *app
    command: serve "two words"
    environment: {ROLE: web}
    ports: ["8080:3000"]
    healthcheck: {test: [CMD, curl, -f, "http://localhost:3000/up"], retries: 3}
    depends_on:
      migrate: {condition: service_completed_successfully}
      db: {condition: service_healthy}
  worker:
    <<: *app
    command: [work]
    environment: [ROLE=worker]
    deploy: {replicas: 2, resources: {limits: {memory: 64m}}}
  migrate: {<<: *app, command: [migrate]}
  db: {image: "postgres:17", volumes: ["data:/var/lib"]}
`

const dockerfile = `FROM ${stack}
ARG GREETING
ENV GREETING=$GREETING
COPY . /srv/
ENTRYPOINT ["perl", "/srv/server.pl"]
`

test('a Compose file with web, worker and migration is one app', async () => {
  await using repository = await newRepository({
    'compose.yaml': compose,
    'docker/Dockerfile': dockerfile,
    'app/server.pl': program,
    'app/common.env': 'SHARED=one\n',
    'app/.dockerignore': '*.env\nnotes*\n',
    'app/notes.txt': 'not for the image',
  })
  await berth.createApp('composed')
  const pushed = await berth.push(repository, 'composed')
  assert.equal(pushed.code, 0, pushed.stderr)
  assert.match(pushed.stderr, /compose\.yaml:23: the service "db" is not run: .*the image postgres:17/)
  assert.match(pushed.stderr, /migrated once/)
  assert.equal((await berth.get('composed')).body, 'hello one web two words')
  assert.equal((await berth.get('composed', '/files')).body, '.berth .dockerignore server.pl')

  const instances = await until('two workers', async () => {
    const found = await berth.client.call(listInstances, { params: { app: 'composed' } })
    return found.filter(({ process }) => process === 'worker').length === 2 && found
  })
  assert.deepEqual(instances.map(({ process }) => process).toSorted(), ['web', 'worker', 'worker'])
})

test('a Dockerfile sees its folder without what its own ignore file names, and gets its stage and arguments', async () => {
  const asked = `FROM ${stack} AS base
ARG WORD
COPY . /srv/
RUN echo "$WORD" > /srv/word.txt
FROM base AS run
EXPOSE 3000
CMD ["perl", "/srv/server.pl"]
FROM base AS other
RUN exit 1
`
  await using repository = await newRepository({
    'berth.yaml': 'build:\n  dockerfile: docker/Web\n  context: site\n  target: run\n  args: {WORD: asked}\n',
    'docker/Web': asked,
    'docker/Web.dockerignore': '[a-c].txt\n!b.txt\n',
    'site/.dockerignore': '*\n',
    'site/server.pl': program,
    'site/a.txt': 'left out',
    'site/b.txt': 'kept',
    'outside.txt': 'not seen',
  })
  await berth.createApp('foldered')
  const pushed = await berth.push(repository, 'foldered')
  assert.equal(pushed.code, 0, pushed.stderr)
  assert.equal((await berth.get('foldered', '/files')).body, '.berth .dockerignore b.txt server.pl word.txt')
})

test('a mistake in a Compose file refuses the push where it stands', async () => {
  await using repository = await newRepository({ 'compose.yaml': 'services:\n  web:\n    build: ..\n' })
  await berth.createApp('mistaken')
  const pushed = await berth.push(repository, 'mistaken')
  assert.notEqual(pushed.code, 0)
  assert.match(pushed.stderr, /compose\.yaml:3:12: must be a path inside the repository/)
})

test('a Compose file of ready-made images alone says what is missing', async () => {
  await using repository = await newRepository({ 'compose.yaml': 'services:\n  site:\n    image: nginx\n' })
  await berth.createApp('readymade')
  const pushed = await berth.push(repository, 'readymade')
  assert.notEqual(pushed.code, 0)
  assert.match(
    pushed.stderr,
    /the service "site" is not run: it has no "build", and Berth does not run the image nginx/,
  )
})

const say = (word: string) => `echo ${word} $(id -u) >> "$UPSCALE_STATIC_ROOT/order.txt"\n`

const upscale = {
  'app.yaml': `application: scaled\nversion: 1\nroot: public\ninstall: |\n  ${say('install')}files:\n  /opt/site/motd: "{{ application }} {{ color }}"\ncolor: green\n`,
  '.upscale/pre-build.d/100-last': `#!/bin/sh\n${say('100')}`,
  '.upscale/pre-build.d/90-first': say('90'),
  '.upscale/post-build.d/10-copy': `#!/bin/sh -e\n${say('post')}cp /opt/site/motd public/motd.txt\n`,
  'public/index.html': '<h1>Scaled</h1>\n',
}

test('an app of Upscale is built with its files and scripts, in order', async () => {
  await using repository = await newRepository(upscale)
  await berth.createApp('scaled')
  const pushed = await berth.push(repository, 'scaled')
  assert.equal(pushed.code, 0, pushed.stderr)
  assert.match((await berth.get('scaled')).body, /Scaled/)
  assert.equal((await berth.get('scaled', '/order.txt')).body, '90 0\n100 0\ninstall 0\npost 0\n')
  assert.equal((await berth.get('scaled', '/motd.txt')).body, 'scaled green')

  await repository.commit({ '.upscale/post-build.d/20-fail': 'echo this one fails; exit 3\n' })
  const failed = await berth.push(repository, 'scaled')
  assert.notEqual(failed.code, 0)
  assert.match(failed.stderr, /20-fail.*exit code 3: this one fails/)
  assert.equal((await berth.get('scaled', '/motd.txt')).body, 'scaled green')
})

test("pushes of Upscale's files are checked", async () => {
  await using repository = await newRepository({ ...upscale, 'app.yaml': 'application: x\n\troot: y\n' })
  await berth.createApp('checked')
  assert.match((await berth.push(repository, 'checked')).stderr, /app\.yaml:2:1: Tabs are not allowed/)
  await repository.commit({ 'app.yaml': 'application: x\n', '.upscale/pre-build.d/lib/x.sh': 'true\n' })
  assert.match((await berth.push(repository, 'checked')).stderr, /"\.upscale\/pre-build\.d\/lib" is no file/)
})
