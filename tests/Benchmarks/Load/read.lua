-- GETs one transaction of those that Rows.FillAsync made, each as likely as the other.
-- wrk ... -- PATH ROWS   PATH ends with / when an id is to follow, with = when an account; ROWS: how many there are.
local threads = 0

function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

local bit = require("bit")
local path, rows, tail

function init(args)
  path = args[1]
  rows = tonumber(args[2])
  tail = " HTTP/1.1\r\nHost: " .. wrk.host .. "\r\n\r\n"
  math.randomseed(tonumber(number) + 1)
end

function request()
  if path:sub(-1) == "=" then return string.format("GET %sacc_merchant_%03d%s", path, math.random(0, 100), tail) end
  if path:sub(-1) ~= "/" then return "GET " .. path .. tail end
  local n = math.random(rows)
  return "GET " .. path .. "txn_" .. bit.tohex(bit.tobit(n * 650000011 % 4294967296)) .. "000000000" .. tail
end
