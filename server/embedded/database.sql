-- Make the database if there is none yet (CREATE DATABASE knows no IF NOT EXISTS).
SELECT 'CREATE DATABASE oneread' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'oneread')
\gexec
