-- Sends the requests of a file, one body per line, in random order; says what happened as one line of JSON.
-- Arguments: the file, and what an answer must begin with.

local threads = {}

function setup(thread)
  thread:set("number", #threads)
  table.insert(threads, thread)
end

function init(args)
  -- Formatted once: what the sender spends per request is time that the server does not get.
  requests, begins, wrong, first_wrong = {}, args[2], 0, ""
  local headers = { ["Content-Type"] = "application/json", ["Accept"] = "application/json" }
  for body in io.lines(args[1]) do
    requests[#requests + 1] = wrk.format("POST", nil, headers, body)
  end
  math.randomseed(1 + number)
end

function request()
  return requests[math.random(#requests)]
end

-- GraphQL's errors come with status 200, so that wrk alone would count them as answers.
function response(status, _, body)
  if status ~= 200 or string.sub(body, 1, #begins) ~= begins or string.find(body, '"errors"', 1, true) then
    wrong = wrong + 1
    if wrong == 1 then
      first_wrong = status .. " " .. string.sub(body, 1, 300)
    end
  end
end

local function quoted(text)
  return '"' .. text:gsub('[%c"\\]', function(c) return string.format("\\u%04x", c:byte()) end) .. '"'
end

function done(summary, latency, _)
  local wrong, first_wrong = 0, ""
  for _, thread in ipairs(threads) do
    wrong = wrong + thread:get("wrong")
    if first_wrong == "" then
      first_wrong = thread:get("first_wrong")
    end
  end
  local failed = summary.errors.connect + summary.errors.read + summary.errors.write
  io.write(string.format(
    '\nMEASURED {"requests": %d, "microseconds": %d, "p50": %d, "p99": %d, "failed": %d, "timeouts": %d, "wrong": %d, "first_wrong": %s}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    failed, summary.errors.timeout, wrong, quoted(first_wrong)))
end
