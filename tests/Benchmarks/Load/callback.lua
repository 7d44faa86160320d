-- POSTs the lines of a file, each once.
-- wrk ... -- PATH FILE
local requests, count

function init(args)
  local head = "POST " .. args[1] .. " HTTP/1.1\r\nHost: " .. wrk.host .. "\r\nContent-Type: application/json\r\nContent-Length: "
  requests = {}
  for line in io.lines(args[2]) do requests[#requests + 1] = head .. #line .. "\r\n\r\n" .. line end
  count = 0
end

function request()
  -- Beyond the last one: the service answers 404, and the measurement is refused.
  count = count + 1
  return requests[count] or "POST /no-more HTTP/1.1\r\nHost: " .. wrk.host .. "\r\nContent-Length: 0\r\n\r\n"
end
