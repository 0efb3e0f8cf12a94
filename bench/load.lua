-- Sends the requests of a file, one body per line, in random order; says what happened as one line of JSON.
-- Arguments: the file, what an answer must begin with, the number of connections, and a text: answers with it are counted.

local threads = {}

function setup(thread)
  thread:set("number", #threads)
  table.insert(threads, thread)
end

function init(args)
  -- Formatted once: what the sender spends per request is time that the server does not get.
  requests, begins, connections, wrong, first_wrong = {}, args[2], tonumber(args[3]), 0, ""
  counted, with, first_without = args[4], 0, ""
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
  elseif counted ~= "" then
    if string.find(body, counted, 1, true) then
      with = with + 1
    elseif first_without == "" then
      first_without = string.sub(body, 1, 300)
    end
  end
end

local function quoted(text)
  return '"' .. text:gsub('[%c"\\]', function(c) return string.format("\\u%04x", c:byte()) end) .. '"'
end

-- wrk adds requests that it did not send: for each that took longer than twice the mean, those that a client which sends
-- at a fixed rate would have sent meanwhile. Ours is not such a client. What was added follows from what was measured,
-- the slowest first, so that it can be taken away again: what is left are as many as were sent, or the run is void.
local function measured(latency, summary, connections)
  local values, counts, total = {}, {}, 0
  for i = 1, #latency do
    local value, count = latency(i)
    values[i], counts[value], total = value, count, total + count
  end
  if total > summary.requests then
    local mean = math.floor(summary.duration / math.floor(summary.requests / connections))
    total = 0
    for i = #values, 1, -1 do
      local value = values[i]
      for added = value - mean, mean + 1, -mean do
        counts[added] = counts[added] - counts[value]
      end
      total = total + counts[value]
    end
  end
  return values, counts, total
end

local function percentile(values, counts, total, percent)
  local seen = 0
  for _, value in ipairs(values) do
    seen = seen + counts[value]
    if seen >= total * percent / 100 then
      return value
    end
  end
  return 0
end

function done(summary, latency, _)
  local wrong, with, first_wrong, first_without = 0, 0, "", ""
  for _, thread in ipairs(threads) do
    wrong, with = wrong + thread:get("wrong"), with + thread:get("with")
    first_wrong = first_wrong ~= "" and first_wrong or thread:get("first_wrong")
    first_without = first_without ~= "" and first_without or thread:get("first_without")
  end
  local values, counts, total = measured(latency, summary, threads[1]:get("connections"))
  local failed = summary.errors.connect + summary.errors.read + summary.errors.write
  local report = '{"requests": %d, "timed": %d, "microseconds": %d, "p50": %d, "p99": %d, '
    .. '"failed": %d, "timeouts": %d, "wrong": %d, "first_wrong": %s, "with": %d, "first_without": %s}'
  io.write("\nMEASURED " .. string.format(
    report, summary.requests, total, summary.duration,
    percentile(values, counts, total, 50), percentile(values, counts, total, 99),
    failed, summary.errors.timeout, wrong, quoted(first_wrong), with, quoted(first_without)) .. "\n")
end
