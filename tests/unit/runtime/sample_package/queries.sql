-- what stands before the first name is a comment of the file

-- name: one_row
SELECT 1;

-- name: several_lines
-- a comment of the statement stays
SELECT a
FROM b
WHERE c = $1
