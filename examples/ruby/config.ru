app = lambda do |env|
  [200, { 'Content-Type' => 'text/plain; charset=utf-8' }, ["Hello from Ruby #{RUBY_VERSION}: #{env['PATH_INFO']}\n"]]
end
run app
